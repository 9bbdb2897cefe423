import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DevkitError } from "./devkit-error.ts";
import { findTool } from "./find-tool.ts";
import { LOOPBACK } from "./loopback.ts";
import { rawConnect } from "./raw-client.ts";
import { startProcess, type RunningProcess } from "./start-process.ts";
import { createTempDir, type TempDir } from "./temp-dir.ts";

/** How to start a nats-server. */
export interface NatsServerOptions {
  /** A free one, chosen by the server itself, unless given. */
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
  const start = (ports: Ports): Promise<Run> => startRun(path, folder, configText({ ...options, storeDir }, ports));
  const first = await start({ client: options.port ?? -1, monitoring: -1 }).catch((reason: unknown) => {
    folder.remove();
    throw reason;
  });
  return supervised(first, { start, folder, storeDir });
}

interface Ports {
  readonly client: number;
  readonly monitoring: number;
}

interface Supervision {
  readonly start: (ports: Ports) => Promise<Run>;
  readonly folder: TempDir;
  readonly storeDir: string;
}

function supervised(first: Run, { start, folder, storeDir }: Supervision): NatsServer {
  const { port, monitoringPort } = first;
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
      current = await start({ client: port, monitoring: monitoringPort ?? -1 });
    },
  };
}

async function startRun(path: string, folder: TempDir, config: string): Promise<Run> {
  const configPath = join(folder.path, "nats-server.conf");
  writeFileSync(configPath, config);
  const ports: { client?: number; monitoring?: number } = {};
  const running = await startProcess(path, ["--config", configPath], {
    async ready(starting) {
      const listening = await starting.waitForLog(/Listening for client connections on [\d.]+:(\d+)/);
      const monitoring = /Starting http monitor on [\d.]+:(\d+)/.exec(starting.log())?.[1];
      ports.client = Number(listening[1]);
      if (monitoring !== undefined) ports.monitoring = Number(monitoring);
      await greeted(ports.client);
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

function configText(options: NatsServerOptions & { readonly storeDir: string }, ports: Ports): string {
  const sync = options.syncAlways === true ? "sync_interval: always" : "";
  const lines = [`listen: "${LOOPBACK}:${ports.client}"`];
  if (options.monitoring === true) lines.push(`http: "${LOOPBACK}:${ports.monitoring}"`);
  if (options.jetStream !== false) lines.push(`jetstream { store_dir: ${JSON.stringify(options.storeDir)}, ${sync} }`);
  lines.push(options.configText ?? "");
  return lines.join("\n");
}
