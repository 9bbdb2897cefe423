import { LOOPBACK } from "./loopback.ts";
import { startProcess } from "./start-process.ts";

/** A plain pipe in a process of its own: what any proxy in Node costs at least. */
export interface BytePipe {
  readonly port: number;
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const PROGRAM = `
import { connect, createServer } from "node:net";
const target = { host: "${LOOPBACK}", port: Number(process.argv[1]), noDelay: true };
const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect(target);
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
});
server.listen(0, "${LOOPBACK}", () => console.log("port " + server.address().port));
`;

/** Starts a byte pipe to a loopback port. The baseline of benchmarks: no faults, no recording. */
export async function startBytePipe(targetPort: number): Promise<BytePipe> {
  const args = ["--input-type=module", "--eval", PROGRAM, String(targetPort)];
  const running = await startProcess(process.execPath, args, { ready: /port \d+\n/ });
  const port = Number(/port (\d+)/.exec(running.stdout())?.[1]);
  return {
    port,
    url: `nats://${LOOPBACK}:${port}`,
    pid: running.pid,
    async stop() {
      await running.stop();
    },
  };
}
