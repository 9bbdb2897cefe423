import { once } from "node:events";
import type { Socket } from "node:net";

/** The first line of a nats-server, as far as it decides how to go on. */
export interface Greeting {
  /** The line as it came, its line end included. */
  readonly bytes: Buffer;
  /** What came behind it. */
  readonly rest: Buffer;
  readonly offersTls: boolean;
  readonly requiresTls: boolean;
  /** There is something to sign. */
  readonly hasNonce: boolean;
}

/** Longest line that is waited for. */
const GREETING_BYTES_MAX = 1_048_576;

const QUOTE_CHARS_MAX = 80;
const LF = 0x0a;

/**
 * Reads a server's INFO and not a byte more than has arrived with it. Nothing is put back: that is for who reads on.
 *
 * @throws Error when the server goes, says something else, or the signal is aborted.
 */
export async function readGreeting(socket: Socket, signal: AbortSignal): Promise<Greeting> {
  const gone = new AbortController();
  const closed = (): void => {
    gone.abort(new Error("the server closed the connection before it greeted"));
  };
  socket.once("close", closed);
  try {
    return parseGreeting(await readLine(socket, AbortSignal.any([signal, gone.signal])));
  } catch (reason) {
    gone.signal.throwIfAborted();
    throw reason;
  } finally {
    socket.off("close", closed);
  }
}

/** Everything that came, up to the chunk with the first line end. */
async function readLine(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let size = 0; size < GREETING_BYTES_MAX;) {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) {
      await once(socket, "readable", { signal });
      continue;
    }
    chunks.push(chunk);
    size += chunk.length;
    if (chunk.includes(LF)) break;
  }
  return Buffer.concat(chunks);
}

function parseGreeting(bytes: Buffer): Greeting {
  const line = bytes.subarray(0, bytes.indexOf(LF) + 1);
  const fields = parseInfo(line.toString("latin1"));
  if (fields === undefined) throw new Error(`not a nats-server's greeting: ${quote(bytes)}`);
  return {
    bytes: line,
    rest: bytes.subarray(line.length),
    offersTls: fields["tls_available"] === true || fields["tls_required"] === true,
    requiresTls: fields["tls_required"] === true,
    hasNonce: typeof fields["nonce"] === "string" && fields["nonce"] !== "",
  };
}

function parseInfo(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^INFO\s/.test(line)) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice("INFO ".length));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a server said, for a log: `-ERR 'maximum connections exceeded'` for one. */
function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1", 0, QUOTE_CHARS_MAX).trim());
}
