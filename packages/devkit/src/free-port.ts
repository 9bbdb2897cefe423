import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { DevkitError } from "./devkit-error.ts";
import { LOOPBACK } from "./loopback.ts";

/**
 * Below what systems give to outgoing connections and to listeners that ask for any port: one that is free while its server is down stays
 * free until the server is back.
 */
const [FIRST_PORT, END_PORT] = [20_000, 32_000];
const TRIES_MAX = 1_000;
const given = new Set<number>();

/**
 * A loopback TCP port that nothing listens on, never the same twice from one process. Someone else may still take it first.
 *
 * @throws DevkitError `port.none`.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (given.has(port) || !(await isUnused(port))) continue;
    given.add(port);
    return port;
  }
  throw new DevkitError("port.none", `no free port was found from ${FIRST_PORT} to ${END_PORT - 1}`);
}

function isUnused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, LOOPBACK, () => {
      server.close(() => resolve(true));
    });
  });
}
