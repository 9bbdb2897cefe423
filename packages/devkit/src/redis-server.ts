import { findTool } from "./find-tool.ts";
import { freePort } from "./free-port.ts";
import { LOOPBACK } from "./loopback.ts";
import { DevkitError } from "./devkit-error.ts";
import { rawConnect } from "./raw-client.ts";
import { startProcess, type RunningProcess } from "./start-process.ts";
import { createTempDir } from "./temp-dir.ts";

/** How to start a redis-server. */
export interface RedisServerOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** Its working folder, kept after `stop`; a temporary one unless given. */
  readonly directory?: string;
  /** Whether each write is on disk before its answer (`appendfsync always`); nothing is kept otherwise. */
  readonly persistent?: boolean;
  /** More arguments, for example `["--maxmemory", "10mb"]`. */
  readonly args?: readonly string[];
}

/** A real redis-server on loopback. It ends with this process however that ends. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  pid(): number;
  log(): string;
  /** Graceful end; temporary folders are removed. Safe to repeat. */
  stop(): Promise<void>;
  /** SIGKILL; folders stay for `restart`. */
  kill(): Promise<void>;
  /** Graceful end where it runs, then a new run on the same port and folder. */
  restart(): Promise<void>;
}

/**
 * Starts redis-server and waits until it answers PING.
 *
 * @throws DevkitError `tool.missing`, `tool.version`, `process.exited`, `wait.timeout`.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { path } = await findTool("redis-server");
  const port = options.port ?? (await freePort());
  const folder = createTempDir("redis");
  const persistence = options.persistent === true ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
  const place = ["--bind", LOOPBACK, "--port", String(port), "--dir", options.directory ?? folder.path];
  const args = [...place, "--save", "", ...persistence, ...(options.args ?? [])];
  const start = (): Promise<RunningProcess> => startProcess(path, args, { ready: answersPing(port) });
  let stopped = false;
  let earlierLog = "";
  let current = await start();
  return {
    port,
    url: `redis://${LOOPBACK}:${port}`,
    pid: () => current.pid,
    log: () => earlierLog + current.log(),
    async stop() {
      stopped = true;
      await current.stop();
      folder.remove();
    },
    async kill() {
      await current.kill();
    },
    async restart() {
      if (stopped) throw new DevkitError("process.stopped", "redis-server was stopped: start another one");
      await current.stop();
      earlierLog += current.log();
      current = await start();
    },
  };
}

function answersPing(port: number): (starting: RunningProcess) => Promise<void> {
  return async (starting) => {
    await starting.waitForLog(/Ready to accept connections/);
    const client = await rawConnect(port);
    try {
      await client.write("PING\r\n");
      await client.waitFor(/\+PONG\r\n|-NOAUTH/);
    } finally {
      client.close();
    }
  };
}
