import { join } from "node:path";
import {
  DevkitError,
  eventually,
  startNatsServer,
  startProcess,
  type NatsServer,
  type RunningProcess,
} from "@cortexos/devkit";
import { buildPolicies, KEY_ID } from "./build-policies.ts";
import { DemoError } from "./demo-error.ts";
import { createSecret, openDemoFolder, REPO_ROOT, runningHere, type DemoFolder } from "./demo-folder.ts";
import { requirePort, requirePorts, type StackPorts } from "./require-ports.ts";
import { runCommand } from "./run-command.ts";
import { rejectedOn } from "./stop-request.ts";

/** nats-server, a signed bundle, and the gate in front. */
export interface Stack {
  readonly ports: StackPorts;
  /** How an operator logs in behind the gate. */
  readonly operator: { readonly user: string; readonly pass: string };
  /** What a command in the checkout must have in its environment to find this run; nothing for the first run. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** Runs a command line as a person would type it at the checkout's root. @throws DemoError with what it said. */
  cortexos(...args: readonly string[]): Promise<string>;
  /** Resolves with one line when a part ends by itself. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/** How the stack comes up. */
export interface StartOptions {
  /** Told before each step. */
  step(text: string): void;
  /** Ends the step that runs, and whatever was started. */
  readonly signal: AbortSignal;
}

const SIDECAR = join(REPO_ROOT, "sidecar", "bin", "cortexos-sidecar.mjs");

/**
 * Brings the stack up, telling each step. Nothing is written before all ports are known to be free, and nothing is left running when it fails.
 *
 * @throws DemoError in one line: a port in use, a missing tool, a broken policy.
 */
export async function startStack(ports: StackPorts, start: StartOptions): Promise<Stack> {
  const { signal } = start;
  await requirePorts(ports, runningHere());
  const folder = openDemoFolder();
  const parts: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of parts.splice(0).toReversed()) await part.stop();
    folder.close();
  };
  try {
    start.step("compiling and signing policies/");
    await buildPolicies(folder, signal);
    start.step("starting nats-server");
    const secrets = { agent: createSecret(), gate: createSecret(), operator: createSecret() };
    parts.push(await startNats(ports.nats, folder, secrets));
    signal.throwIfAborted();
    start.step("starting the gate");
    writeSidecarConfig(folder, ports, secrets);
    const sidecar = await startGate(folder, ports.admin, signal);
    parts.push(sidecar);
    signal.throwIfAborted();
    const commandEnvironment = commandEnvironmentOf(folder, ports);
    return {
      ports,
      operator: { user: "operator", pass: secrets.operator },
      commandEnvironment,
      cortexos: (...args) => runCortexos(args, { signal, env: { ...NO_ENDPOINT, ...commandEnvironment } }),
      broken: sidecar.ended.then(() => `the gate ended by itself: ${lastLine(sidecar.log())}`),
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
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
  try {
    return await startNatsServer({ port, storeDir: folder.natsStore, configText });
  } catch (cause) {
    // Somebody may have taken the port since it was free.
    await requirePort(port, "nats-port");
    throw asDemoError(cause, `nats-server did not start on port ${port}`);
  }
}

function writeSidecarConfig(folder: DemoFolder, ports: StackPorts, secrets: Secrets): void {
  const tokenFile = folder.write("approver.token", createSecret());
  const principal = { id: "demo-agent", kind: "agent", roles: ["AGENT"], tenant: "acme" };
  const config = {
    listeners: [{ kind: "tcp", host: "127.0.0.1", port: ports.gate }],
    upstream: {
      urls: [`nats://127.0.0.1:${ports.nats}`],
      credentials: { kind: "password", user: "agent", passwordFile: folder.write("agent.password", secrets.agent) },
      ownCredentials: { kind: "password", user: "gate", passwordFile: folder.write("gate.password", secrets.gate) },
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
  folder.announceAdmin(JSON.stringify({ url: adminUrl(ports), tokenFile }));
}

async function startGate(folder: DemoFolder, adminPort: number, signal: AbortSignal): Promise<RunningProcess> {
  try {
    return await startProcess(process.execPath, [SIDECAR, "--config", folder.sidecarConfig], {
      async ready(starting) {
        const up = starting.waitForLog(/"listening"/).then(() => eventually(() => isReady(adminPort)));
        await Promise.race([up, rejectedOn(signal)]);
      },
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw asDemoError(cause, "the gate did not start");
  }
}

async function isReady(adminPort: number): Promise<true> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
  if (!answer.ok) throw new DemoError(`the gate is not ready: ${await answer.text()}`);
  return true;
}

/** What a person may have set for another gate doesn't count here. */
const NO_ENDPOINT = { CORTEXOS_ADMIN_URL: undefined, CORTEXOS_ADMIN_TOKEN_FILE: undefined };

function commandEnvironmentOf(folder: DemoFolder, ports: StackPorts): Readonly<Record<string, string>> {
  if (folder.isFirst) return {};
  return { CORTEXOS_ADMIN_URL: adminUrl(ports), CORTEXOS_ADMIN_TOKEN_FILE: folder.approverToken };
}

function adminUrl({ admin }: StackPorts): string {
  return `http://127.0.0.1:${admin}`;
}

async function runCortexos(args: readonly string[], options: Parameters<typeof runCommand>[2]): Promise<string> {
  const { code, stdout, stderr } = await runCommand("npx", ["cortexos", ...args], options);
  if (code === 0) return stdout;
  throw new DemoError(lastLine(stderr) || `cortexos ${args.join(" ")} ended with ${code}`);
}

function asDemoError(cause: unknown, what: string): DemoError {
  const why = cause instanceof DevkitError ? lastLine(cause.message) : String(cause);
  return new DemoError(`${what}: ${why}`, { cause });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
