import { connect, type Socket } from "node:net";
import { createServerReader, type ServerFrame } from "./server-frames.ts";

const DEADLINE_MS = 5_000;

/** A client's end of a connection: bytes out, frames in. */
export interface WireSocket {
  /** What came so far, oldest first. */
  readonly frames: readonly ServerFrame[];
  /** The other side has ended it. */
  isClosed(): boolean;
  write(bytes: string): void;
  end(): void;
  /** Forgets the frames that came so far. */
  forget(): void;
  /** Resolves when the probe says so, which is asked after each change. Rejects after 5 s. */
  until(probe: () => boolean, what: string): Promise<void>;
}

export async function openWireSocket(port: number): Promise<WireSocket> {
  const socket = await connected(port);
  const reader = createServerReader();
  const frames: ServerFrame[] = [];
  const checks = new Set<() => void>();
  const changed = (): void => {
    for (const check of checks) check();
  };
  let isClosed = false;
  socket.on("data", (chunk: Buffer) => {
    frames.push(...reader.read(chunk));
    changed();
  });
  for (const event of ["end", "close"]) {
    socket.on(event, () => {
      isClosed = true;
      changed();
    });
  }
  // A reset, or a write after it: `close` follows.
  socket.on("error", () => undefined);
  return {
    frames,
    isClosed: () => isClosed,
    write: (bytes) => void socket.write(Buffer.from(bytes, "latin1")),
    end: () => void socket.end(),
    forget: () => void frames.splice(0),
    until: async (probe, what) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!probe()) return;
          clearTimeout(timer);
          checks.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          checks.delete(check);
          reject(new Error(`waited ${DEADLINE_MS} ms for ${what}; came: ${JSON.stringify(frames)}`));
        }, DEADLINE_MS);
        checks.add(check);
        check();
      }),
  };
}

async function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
