import { createServer } from "node:net";
import { DemoError } from "./demo-error.ts";

/** Ports that people may choose. */
export interface StackPorts {
  readonly gate: number;
  readonly admin: number;
  readonly nats: number;
}

const LOOPBACK = "127.0.0.1";

/**
 * Makes sure that all ports can be had, before anything is written or started.
 *
 * @param owner - the process of a run that is up in this checkout, where there is one.
 * @throws DemoError in one line that says what to do.
 */
export async function requirePorts(ports: StackPorts, owner: number | undefined): Promise<void> {
  const chosen = Object.values(ports);
  if (new Set(chosen).size < chosen.length)
    throw new DemoError(`three different ports are needed, not ${chosen.join(", ")}`);
  await requirePort(ports.gate, "port", owner);
  await requirePort(ports.admin, "admin-port", owner);
  await requirePort(ports.nats, "nats-port", owner);
}

/**
 * Makes sure that one port can be had.
 *
 * @param option - the option that chooses it.
 * @throws DemoError in one line that says what to do.
 */
export async function requirePort(port: number, option: string, owner?: number): Promise<void> {
  const fault = await portFault(port);
  if (fault === undefined) return;
  if (fault === "EADDRINUSE" && owner !== undefined) {
    throw new DemoError(
      `npm start is already running here (process ${owner}): stop it, or choose other ports with --port, --admin-port and --nats-port`,
    );
  }
  const why = fault === "EADDRINUSE" ? "is in use: stop what uses it, or" : `can't be used (${fault}):`;
  throw new DemoError(`port ${port} ${why} choose another with --${option}`);
}

/** Why a port can't be had, as Node's error code; `undefined` when it can. */
function portFault(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
