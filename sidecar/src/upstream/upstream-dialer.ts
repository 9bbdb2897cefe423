import { connect, type Socket } from "node:net";
import { reasonText } from "../sidecar-error.ts";

const DEFAULT_PORT = 4_222;

export interface DialOptions {
  readonly urls: readonly string[];
  /** For each address. */
  readonly connectMs: number;
  /** Bytes that may wait in the socket before its peer is paused. */
  readonly highWaterMark: number;
}

/** Opens connections upstream, beginning with the address that worked last and going round on failure. */
export interface UpstreamDialer {
  /** @throws Error that names what each address answered. */
  dial(signal: AbortSignal): Promise<Socket>;
}

export function createDialer({ urls, connectMs, highWaterMark }: DialOptions): UpstreamDialer {
  const addresses = urls.map(toAddress);
  let preferred = 0;
  return {
    dial: async (signal) => {
      const failures: string[] = [];
      for (const [i] of addresses.entries()) {
        const index = (preferred + i) % addresses.length;
        const address = addresses[index];
        if (address === undefined) continue;
        signal.throwIfAborted();
        try {
          const deadline = AbortSignal.any([signal, AbortSignal.timeout(connectMs)]);
          const socket = await connectTo({ ...address, highWaterMark }, deadline);
          preferred = index;
          return socket;
        } catch (reason) {
          signal.throwIfAborted();
          failures.push(`${address.host}:${address.port}: ${reasonText(reason)}`);
        }
      }
      throw new Error(`no upstream could be reached (${failures.join("; ")})`);
    },
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function toAddress(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? DEFAULT_PORT : Number(port) };
}

async function connectTo(address: Address & { readonly highWaterMark: number }, signal: AbortSignal): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ ...address, noDelay: true, allowHalfOpen: false });
    const abort = (): void => {
      socket.destroy();
      fail(new Error(signal.reason instanceof Error ? signal.reason.message : "aborted"));
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", (reason) => {
      signal.removeEventListener("abort", abort);
      fail(reason);
    });
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      done(socket);
    });
  });
}
