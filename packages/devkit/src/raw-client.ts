import { connect, type Socket } from "node:net";
import { createChange } from "./change.ts";
import { LOOPBACK } from "./loopback.ts";

/** A TCP client for protocol tests: bytes out, text awaited. Text is Latin-1, one character a byte. */
export interface RawClient {
  /** Resolves when the bytes are handed to the kernel. Each call is one `write`. */
  write(bytes: string | Uint8Array): Promise<void>;
  /**
   * Resolves with everything up to and including the pattern's next match, which begins after the last one: waiting for `PONG` twice waits for two.
   * Rejects when the other side closes first.
   */
  waitFor(pattern: string | RegExp, timeoutMs?: number): Promise<string>;
  /** Everything received, waited for or not. */
  received(): string;
  /** Resolves when the other side has closed or reset the connection. */
  waitForClose(timeoutMs?: number): Promise<void>;
  /** Stops reading, so that the other side feels back-pressure. */
  pause(): void;
  resume(): void;
  /** Half-closes. */
  end(): void;
  /** Resets the connection at once. */
  close(): void;
}

/** Connects to a loopback port. */
export async function rawConnect(port: number, host: string = LOOPBACK): Promise<RawClient> {
  const socket = await connected(port, host);
  const change = createChange();
  let text = "";
  let position = 0;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    change.notify();
  });
  socket.on("error", (error) => change.end(error.message));
  socket.on("close", () => change.end("the connection closed"));
  socket.on("end", () => change.end("the other side ended the connection"));
  const quote = (): string => JSON.stringify(text);
  const next = (pattern: string | RegExp): string | undefined => {
    const end = matchEnd(text, pattern, position);
    if (end === undefined) return undefined;
    const found = text.slice(position, end);
    position = end;
    return found;
  };
  return {
    write: (bytes) => written(socket, bytes),
    waitFor: (pattern, timeoutMs) => change.until(() => next(pattern), { timeoutMs, what: `${pattern}`, quote }),
    received: () => text,
    waitForClose: async (timeoutMs) => {
      const closed = (): true | undefined => (socket.readableEnded || socket.destroyed ? true : undefined);
      await change.until(closed, { timeoutMs, what: "close", quote });
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    close: () => void socket.resetAndDestroy(),
  };
}

function matchEnd(text: string, pattern: string | RegExp, position: number): number | undefined {
  if (typeof pattern === "string") {
    const start = text.indexOf(pattern, position);
    return start === -1 ? undefined : start + pattern.length;
  }
  const match = pattern.exec(text.slice(position));
  return match === null ? undefined : position + match.index + match[0].length;
}

function connected(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function written(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
