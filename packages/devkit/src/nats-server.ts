import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "./certificates.ts";
import { DevkitError } from "./devkit-error.ts";
import { eventually } from "./eventually.ts";
import { findTool } from "./find-tool.ts";
import { freePort } from "./free-port.ts";
import { LOOPBACK } from "./loopback.ts";
import { rawConnect } from "./raw-client.ts";
import { startProcess, type RunningProcess } from "./start-process.ts";
import { createTempDir, type TempDir } from "./temp-dir.ts";

/** How to start a nats-server. */
export interface NatsServerOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** JetStream's folder, kept after `stop`; a temporary one unless given. */
  readonly storeDir?: string;
  /** `true` unless given. */
  readonly jetStream?: boolean;
  /** Whether JetStream flushes every write to disk before its ack (`sync_interval: always`); `false` unless given. */
  readonly syncAlways?: boolean;
  /** Whether to serve the HTTP monitoring endpoint; `false` unless given. */
  readonly monitoring?: boolean;
  /** More of the server's configuration language: users, accounts, limits. */
  readonly configText?: string;
  /** Requires TLS of every client; none unless given. */
  readonly tls?: NatsServerTls;
}

/** How a nats-server secures its clients' connections. */
export interface NatsServerTls {
  readonly certificate: Certificate;
  /** Whose certificates clients must show (PEM); clients need none unless given. */
  readonly clientAuthorityPem?: string;
  /** TLS begins before INFO; `false` unless given. */
  readonly handshakeFirst?: boolean;
}

/** A real nats-server on loopback. It ends with this process however that ends. */
export interface NatsServer {
  readonly port: number;
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  /** `http://127.0.0.1:<port>`, with `monitoring`. */
  readonly monitoringUrl: string | undefined;
  readonly storeDir: string;
  pid(): number;
  /** What all its runs wrote. */
  log(): string;
  /** Graceful end; temporary folders are removed. Safe to repeat. */
  stop(): Promise<void>;
  /** SIGKILL; folders stay for `restart`. */
  kill(): Promise<void>;
  /** Graceful end where it runs, then a new run on the same port and folder, ready when this resolves. */
  restart(): Promise<void>;
  /** Puts another text in place of `configText` and lets the running server read it; resolves when it has. */
  reload(configText: string): Promise<void>;
  /** Lame duck mode: it says goodbye to its clients, takes no more of them, and closes one after the other. */
  lameDuck(): void;
}

interface Run {
  readonly process: RunningProcess;
  readonly port: number;
  readonly monitoringPort: number | undefined;
}

/**
 * Starts nats-server and waits until it has greeted a client.
 *
 * @throws DevkitError `tool.missing`, `tool.version`, `process.exited` (a bad configuration, a port in use), `wait.timeout`.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { path } = await findTool("nats-server");
  const folder = createTempDir("nats");
  const storeDir = options.storeDir ?? join(folder.path, "store");
  const write = (launch: Launch): string => {
    const configPath = join(folder.path, "nats-server.conf");
    const tls = options.tls === undefined ? "" : writeTls(folder, options.tls);
    writeFileSync(configPath, `${configText({ ...options, storeDir }, launch)}\n${tls}`);
    return configPath;
  };
  const start = (launch: Launch): Promise<Run> => startRun(path, write(launch), options.tls?.handshakeFirst !== true);
  const client = options.port ?? (await freePort());
  const launch = { client, monitoring: -1, text: options.configText ?? "" };
  const first = await start(launch).catch((reason: unknown) => {
    folder.remove();
    throw reason;
  });
  return supervised(first, { launch, start, write, folder, storeDir });
}

/** What one run's configuration has that another's may not. */
interface Launch {
  readonly client: number;
  readonly monitoring: number;
  readonly text: string;
}

interface Supervision {
  readonly launch: Launch;
  readonly start: (launch: Launch) => Promise<Run>;
  readonly write: (launch: Launch) => string;
  readonly folder: TempDir;
  readonly storeDir: string;
}

function supervised(first: Run, supervision: Supervision): NatsServer {
  const { start, write, folder, storeDir } = supervision;
  const { port, monitoringPort } = first;
  let { launch } = supervision;
  let current = first;
  let earlierLog = "";
  let stopped = false;
  return {
    port,
    url: `nats://${LOOPBACK}:${port}`,
    monitoringUrl: monitoringPort === undefined ? undefined : `http://${LOOPBACK}:${monitoringPort}`,
    storeDir,
    pid: () => current.process.pid,
    log: () => earlierLog + current.process.log(),
    async stop() {
      stopped = true;
      await current.process.stop();
      folder.remove();
    },
    async kill() {
      await current.process.kill();
    },
    async restart() {
      if (stopped) throw new DevkitError("process.stopped", "nats-server was stopped: start another one");
      await current.process.stop();
      earlierLog += current.process.log();
      launch = { ...launch, client: port, monitoring: monitoringPort ?? -1 };
      current = await start(launch);
    },
    async reload(text) {
      launch = { ...launch, text };
      write(launch);
      await reloaded(current.process);
    },
    lameDuck: () => current.process.signal("SIGUSR2"),
  };
}

async function reloaded(running: RunningProcess): Promise<void> {
  const count = (): number => running.log().match(/Reloaded server configuration/g)?.length ?? 0;
  const before = count();
  running.signal("SIGHUP");
  await eventually(() => count() > before, { what: "reloaded configuration" });
}

async function startRun(path: string, configPath: string, greets: boolean): Promise<Run> {
  const ports: { client?: number; monitoring?: number } = {};
  const running = await startProcess(path, ["--config", configPath], {
    async ready(starting) {
      const listening = await starting.waitForLog(/Listening for client connections on [\d.]+:(\d+)/);
      await starting.waitForLog(/Server is ready/);
      const monitoring = /Starting http monitor on [\d.]+:(\d+)/.exec(starting.log())?.[1];
      ports.client = Number(listening[1]);
      if (monitoring !== undefined) ports.monitoring = Number(monitoring);
      if (greets) await greeted(ports.client);
    },
  });
  return { process: running, port: ports.client ?? 0, monitoringPort: ports.monitoring };
}

async function greeted(port: number): Promise<void> {
  const client = await rawConnect(port);
  try {
    await client.waitFor(/INFO .*\r\n/);
  } finally {
    client.close();
  }
}

function configText(options: NatsServerOptions & { readonly storeDir: string }, launch: Launch): string {
  const sync = options.syncAlways === true ? "sync_interval: always" : "";
  const lines = [`listen: "${LOOPBACK}:${launch.client}"`];
  if (options.monitoring === true) lines.push(`http: "${LOOPBACK}:${launch.monitoring}"`);
  if (options.jetStream !== false) lines.push(`jetstream { store_dir: ${JSON.stringify(options.storeDir)}, ${sync} }`);
  lines.push(launch.text);
  return lines.join("\n");
}

function writeTls(folder: TempDir, { certificate, clientAuthorityPem, handshakeFirst }: NatsServerTls): string {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return JSON.stringify(join(folder.path, name));
  };
  const lines = [
    `cert_file: ${write("server.pem", certificate.certificatePem)}`,
    `key_file: ${write("server.key", certificate.keyPem)}`,
    `handshake_first: ${handshakeFirst === true}`,
  ];
  if (clientAuthorityPem !== undefined)
    lines.push(`ca_file: ${write("clients.pem", clientAuthorityPem)}, verify: true`);
  return `tls { ${lines.join(", ")} }`;
}
