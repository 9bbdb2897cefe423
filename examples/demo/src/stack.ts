import { join } from "node:path";
import {
  DevkitError,
  eventually,
  startNatsServer,
  startProcess,
  type NatsServer,
  type RunningProcess,
} from "@cortexos/devkit";
import { DemoError } from "./demo-error.ts";
import { createDemoFolder, createSecret, REPO_ROOT, type DemoFolder } from "./demo-folder.ts";

/** Ports that people may choose. */
export interface StackPorts {
  readonly gate: number;
  readonly admin: number;
  readonly nats: number;
}

/** nats-server, a signed bundle, and the gate in front. */
export interface Stack {
  readonly ports: StackPorts;
  /** How an operator logs in behind the gate. */
  readonly operator: { readonly user: string; readonly pass: string };
  /** Command lines as a person would type them, run at the checkout's root. */
  cortexos(...args: readonly string[]): Promise<string>;
  /** Resolves with one line when a part ends by itself. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

const CLI = join(REPO_ROOT, "packages", "cli", "bin", "cortexos.mjs");
const SIDECAR = join(REPO_ROOT, "sidecar", "bin", "cortexos-sidecar.mjs");
const KEY_ID = "demo";
const COMMAND_TIMEOUT_MS = 60_000;

/**
 * Brings the stack up, telling each step.
 *
 * @throws DemoError in one line: a port in use, a missing tool, a broken policy.
 */
export async function startStack(ports: StackPorts, step: (text: string) => void): Promise<Stack> {
  const folder = createDemoFolder();
  step("compiling and signing policies/");
  await buildBundle(folder);
  step("starting nats-server");
  const secrets = { agent: createSecret(), gate: createSecret(), operator: createSecret() };
  const nats = await startNats(ports.nats, folder, secrets);
  step("starting the gate");
  writeSidecarConfig(folder, ports, secrets);
  const sidecar = await startGate(folder, nats, ports.admin);
  return {
    ports,
    operator: { user: "operator", pass: secrets.operator },
    cortexos: runCortexos,
    broken: sidecar.ended.then(() => `the gate ended by itself: ${lastLine(sidecar.log())}`),
    async stop() {
      await sidecar.stop();
      await nats.stop();
    },
  };
}

async function buildBundle(folder: DemoFolder): Promise<void> {
  await runNode(CLI, ["keys", "generate", "--private", folder.signingKey, "--public", folder.publicKey]);
  await runNode(CLI, [
    "policy",
    "build",
    "policies",
    "--key",
    folder.signingKey,
    "--key-id",
    KEY_ID,
    "--out",
    folder.bundle,
  ]);
}

interface Secrets {
  readonly agent: string;
  readonly gate: string;
  readonly operator: string;
}

/** Only the gate knows the agent's password, so that the agent can't go around it. */
async function startNats(port: number, folder: DemoFolder, secrets: Secrets): Promise<NatsServer> {
  const users = [
    `{ user: gate, password: "${secrets.gate}" }`,
    `{ user: operator, password: "${secrets.operator}" }`,
    `{ user: agent, password: "${secrets.agent}" }`,
  ];
  const configText = `authorization { users: [ ${users.join(", ")} ] }`;
  return startNatsServer({ port, storeDir: folder.natsStore, configText }).catch((cause: unknown) => {
    throw asDemoError(cause, `nats-server did not start on port ${port}`);
  });
}

function writeSidecarConfig(folder: DemoFolder, ports: StackPorts, secrets: Secrets): void {
  const approverToken = createSecret();
  const tokenFile = folder.writeSecret("approver.token", approverToken);
  const principal = { id: "demo-agent", kind: "agent", roles: ["AGENT"], tenant: "acme" };
  const config = {
    listeners: [{ kind: "tcp", host: "127.0.0.1", port: ports.gate }],
    upstream: {
      urls: [`nats://127.0.0.1:${ports.nats}`],
      credentials: {
        kind: "password",
        user: "agent",
        passwordFile: folder.writeSecret("agent.password", secrets.agent),
      },
      ownCredentials: {
        kind: "password",
        user: "gate",
        passwordFile: folder.writeSecret("gate.password", secrets.gate),
      },
    },
    caller: { principal, environment: "staging" },
    bundle: { path: folder.bundle, trustedKeys: [{ keyId: KEY_ID, publicKeyFile: folder.publicKey }] },
    admin: {
      port: ports.admin,
      approvers: [
        {
          tokenFile,
          principal: { id: "demo-operator", kind: "human", roles: ["SRE_LEAD", "APPROVER"], tenant: "acme" },
        },
      ],
    },
    log: { level: "warn" },
  };
  folder.write("sidecar.json", JSON.stringify(config, undefined, 2));
  folder.write("admin.json", JSON.stringify({ url: `http://127.0.0.1:${ports.admin}`, tokenFile }));
}

async function startGate(folder: DemoFolder, nats: NatsServer, adminPort: number): Promise<RunningProcess> {
  try {
    return await startProcess(process.execPath, [SIDECAR, "--config", folder.sidecarConfig], {
      async ready(starting) {
        await starting.waitForLog(/"listening"/);
        await eventually(() => isReady(adminPort));
      },
    });
  } catch (cause) {
    await nats.stop();
    throw asDemoError(cause, "the gate did not start");
  }
}

async function isReady(adminPort: number): Promise<true> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
  if (!answer.ok) throw new DemoError(`the gate is not ready: ${await answer.text()}`);
  return true;
}

async function runCortexos(...args: readonly string[]): Promise<string> {
  return runCommand("npx", ["cortexos", ...args]);
}

async function runNode(script: string, args: readonly string[]): Promise<string> {
  return runCommand(process.execPath, [script, ...args]);
}

async function runCommand(command: string, args: readonly string[]): Promise<string> {
  const running = await startProcess(command, args, { cwd: REPO_ROOT });
  const timer = setTimeout(() => void running.kill(), COMMAND_TIMEOUT_MS);
  const { code } = await running.ended;
  clearTimeout(timer);
  if (code !== 0) throw new DemoError(running.stderr().trim() || `${command} ${args.join(" ")} ended with ${code}`);
  return running.stdout();
}

function asDemoError(cause: unknown, what: string): DemoError {
  const why = cause instanceof DevkitError ? lastLine(cause.message) : String(cause);
  return new DemoError(`${what}: ${why}`, { cause });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
