import {
  createTempDir,
  startNatsServer,
  tap,
  type NatsServer,
  type NatsServerOptions,
  type Tap,
  type TempDir,
} from "@cortexos/devkit";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger, type Logger } from "../src/logger.ts";
import { parseConfig } from "../src/config/load-config.ts";
import { startSidecar, type Sidecar } from "../src/start-sidecar.ts";
import { buildTestBundle, type BundleFacts, type TestBundle } from "./test-bundle.ts";

/** The token of the approver whom every rig knows. */
const APPROVER_TOKEN = "token-of-the-test-approver";

/** A sidecar in front of a real nats-server, with a tap behind it. */
export interface Rig {
  readonly nats: NatsServer;
  readonly sidecar: Sidecar;
  readonly tap: Tap;
  readonly folder: string;
  readonly bundlePath: string;
  /** Id of the key that signed the bundle; its public half is `key.pem` in the folder. */
  readonly keyId: string;
  /** Where agents connect. */
  readonly url: string;
  readonly port: number;
  /** What the sidecar logged, one object a line. */
  readonly logged: () => readonly Readonly<Record<string, unknown>>[];
  admin(
    method: "GET" | "POST",
    path: string,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly rego: string;
  readonly facts?: BundleFacts;
  /** What is written as the bundle's file instead of the built bundle; nothing for `undefined`. */
  readonly bundleBytes?: (bundle: TestBundle) => Uint8Array | undefined;
  /** Merged over the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `upstream` of the configuration, from the server's address; that address and nothing else unless given. */
  readonly upstream?: (url: string) => Readonly<Record<string, unknown>>;
  readonly nats?: NatsServerOptions;
  /** `debug` unless given: every decision is logged. */
  readonly logLevel?: "debug" | "warn";
  /** `true` unless given. A tap on everything answers for services that aren't there. */
  readonly tapped?: boolean;
}

/** Starts everything and waits until the sidecar is as ready as it can be. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const temp: TempDir = createTempDir("rig");
  const bundle = await buildTestBundle(join(temp.path, "sources"), options.rego, options.facts);
  const bundlePath = join(temp.path, "bundle.tar.gz");
  const bytes = options.bundleBytes === undefined ? bundle.bytes : options.bundleBytes(bundle);
  if (bytes !== undefined) writeFileSync(bundlePath, bytes);
  writeFileSync(join(temp.path, "key.pem"), bundle.publicKeyPem);
  writeFileSync(join(temp.path, "token"), APPROVER_TOKEN);
  const nats = await startNatsServer(options.nats ?? {});
  const { log, logged } = captureLog(options.logLevel ?? "debug");
  const sidecar = await startSidecar(
    parseConfig(
      {
        ...rigConfig(nats, bundle),
        ...(options.upstream && { upstream: options.upstream(nats.url) }),
        ...options.config,
      },
      { directory: temp.path, source: "rig" },
    ),
    { log },
  );
  const [first] = sidecar.listeners;
  const port = first?.kind === "tcp" ? first.port : 0;
  const behind = await tap(nats.url, options.tapped === false ? "_NOTHING" : ">");
  return {
    nats,
    sidecar,
    tap: behind,
    folder: temp.path,
    bundlePath,
    keyId: bundle.keyId,
    url: `nats://127.0.0.1:${port}`,
    port,
    logged,
    admin: async (method, path) => {
      const headers = { authorization: `Bearer ${APPROVER_TOKEN}` };
      const answer = await fetch(`http://${sidecar.adminAddress}${path}`, { method, headers });
      return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
    },
    stop: async () => {
      await behind.close();
      await sidecar.stop();
      await nats.stop();
      temp.remove();
    },
  };
}

function rigConfig(nats: NatsServer, bundle: TestBundle): Readonly<Record<string, unknown>> {
  return {
    listeners: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    upstream: { urls: [nats.url] },
    caller: { principal: { id: "agent-7", tenant: "acme", roles: ["OPERATOR"] }, environment: "dev" },
    bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId: bundle.keyId, publicKeyFile: "key.pem" }], watch: false },
    records: { kind: "memory" },
    admin: {
      port: 0,
      approvers: [{ tokenFile: "token", principal: { id: "ada", kind: "human", roles: ["SRE_LEAD"], tenant: "acme" } }],
    },
    limits: { drainMs: 2_000 },
  };
}

function captureLog(level: "debug" | "warn"): { readonly log: Logger; readonly logged: Rig["logged"] } {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  return { log, logged: () => lines };
}
