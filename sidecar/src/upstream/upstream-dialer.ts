import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { reasonText } from "../sidecar-error.ts";
import { readGreeting, type Greeting } from "./greeting.ts";
import { withDeadline } from "./with-deadline.ts";

const DEFAULT_PORT = 4_222;

export interface DialOptions {
  /** `nats://host:port`, tried in this order. */
  readonly urls: readonly string[];
  /** For each address, its greeting included. */
  readonly connectMs: number;
  /** Bytes that may wait in the socket before its peer is paused. */
  readonly highWaterMark: number;
  /** A server that gives no nonce to sign is not taken. */
  readonly needsNonce?: boolean;
  /** Every connection is secured. Absent: none is. */
  readonly tls?: DialTls;
}

/** How connections upstream are secured. */
export interface DialTls {
  /** What is trusted and shown at this moment. */
  context(): SecureContext;
  /** The name that certificates must be for; the address's own host unless given. */
  readonly serverName?: string;
  /** TLS begins before the server's INFO instead of after it. */
  readonly handshakeFirst: boolean;
}

/** Opens connections upstream, beginning with the address that worked last and going round on failure. */
export interface UpstreamDialer {
  /**
   * A connection whose server has greeted; its INFO is what is read first.
   *
   * @throws Error that names what each address answered.
   */
  dial(signal: AbortSignal): Promise<Socket>;
}

export function createDialer(options: DialOptions): UpstreamDialer {
  const addresses = options.urls.map(toAddress);
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
          const open = async (own: AbortSignal): Promise<Socket> => openGreeted(address, options, own);
          const socket = await withDeadline(signal, options.connectMs, open);
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

/** `a` or `[::1]`, with or without a port, as host and port. */
export function toAddress(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? DEFAULT_PORT : Number(port) };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Whoever answers is a nats-server that fits; else nothing is left of the connection. */
async function openGreeted(address: Address, options: DialOptions, signal: AbortSignal): Promise<Socket> {
  const target = { ...address, highWaterMark: options.highWaterMark };
  const plain = connect({ ...target, noDelay: true, allowHalfOpen: false });
  try {
    await once(plain, "connect", { signal });
    return await greet(plain, { address, options, signal });
  } catch (reason) {
    plain.on("error", () => undefined).destroy();
    signal.throwIfAborted();
    throw reason;
  }
}

interface GreetParts {
  readonly address: Address;
  readonly options: DialOptions;
  readonly signal: AbortSignal;
}

async function greet(plain: Socket, { address, options, signal }: GreetParts): Promise<Socket> {
  const { tls } = options;
  const first = tls?.handshakeFirst === true ? await secure(plain, { address, tls, signal }) : plain;
  const greeting = await readGreeting(first, signal);
  checkGreeting(greeting, options);
  const socket = tls?.handshakeFirst === false ? await secure(plain, { address, tls, signal }) : first;
  socket.unshift(Buffer.concat([greeting.bytes, greeting.rest]));
  return socket;
}

function checkGreeting(greeting: Greeting, { needsNonce, tls }: DialOptions): void {
  if (needsNonce === true && !greeting.hasNonce) {
    throw new Error("the server gives no nonce to sign: name the key of upstream.proxy in its proxies.trusted");
  }
  if (tls === undefined && greeting.requiresTls) throw new Error("the server requires TLS: configure upstream.tls");
  if (tls?.handshakeFirst !== false) return;
  if (!greeting.offersTls) throw new Error("the server offers no TLS");
  // Whatever was put in behind the plain INFO would be taken for the secured server's own words.
  if (greeting.rest.length > 0) throw new Error("the server went on in plain text where TLS should begin");
}

interface SecureParts {
  readonly address: Address;
  readonly tls: DialTls;
  readonly signal: AbortSignal;
}

async function secure(socket: Socket, { address, tls, signal }: SecureParts): Promise<Socket> {
  const name = tls.serverName ?? address.host;
  const secured = connectTls({
    socket,
    secureContext: tls.context(),
    // What the certificate must be for; an IP address can't be asked for by name.
    host: name,
    ...(isIP(name) === 0 && { servername: name }),
  });
  try {
    await once(secured, "secureConnect", { signal });
    return secured;
  } catch (reason) {
    secured.on("error", () => undefined).destroy();
    throw reason;
  }
}
