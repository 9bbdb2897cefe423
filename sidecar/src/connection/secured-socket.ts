import { Socket, type SocketConstructorOpts } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { TlsMaterial } from "../config/tls-files.ts";
import { splitAlternativeNames } from "./alternative-names.ts";

/** Makes TLS connections of plain ones. */
export interface SocketSecurer {
  /**
   * A client's socket whose first line, INFO, is written plainly; then TLS begins. With `handshakeFirst` nothing is plain. Nothing is read before TLS. When
   * the handshake fails the socket is closed.
   */
  secure(plain: Socket): Socket;
  /** For handshakes from now on. */
  setMaterial(material: TlsMaterial): void;
}

export interface SocketSecurerOptions {
  readonly material: TlsMaterial;
  /** Clients must show a certificate that the material's `ca` vouches for. */
  readonly asksForCertificate: boolean;
  readonly handshakeFirst: boolean;
  /** For a handshake. */
  readonly handshakeMs: number;
  /** Bytes that may wait in a socket before its peer is paused. */
  readonly highWaterMark: number;
  /** Told of every handshake that failed. */
  failed(reason: Error): void;
}

export function createSocketSecurer(options: SocketSecurerOptions): SocketSecurer {
  const waiting = new Map<string, TakeSecured>();
  // Not bound to any address: it checks what clients show, which a bare TLSSocket leaves to its user.
  const server = createServer({
    ...secretsOf(options.material),
    requestCert: options.asksForCertificate,
    rejectUnauthorized: true,
    handshakeTimeout: options.handshakeMs,
    allowHalfOpen: true,
  });
  server.on("secureConnection", (secured) => {
    waiting.get(peerOf(secured))?.(secured);
  });
  server.on("tlsClientError", (reason) => {
    options.failed(reason);
  });
  const handshake = (plain: Socket, take: TakeSecured): void => {
    const peer = peerOf(plain);
    waiting.set(peer, take);
    plain.once("close", () => {
      if (waiting.get(peer) === take) waiting.delete(peer);
    });
    server.emit("connection", plain);
  };
  return {
    secure: (plain) => new SecuredSocket(plain, { ...options, handshake }),
    setMaterial: (material) => {
      server.setSecureContext(secretsOf(material));
    },
  };
}

/** What the certificate that a client has shown is for, as `DNS:a` or `URI:spiffe://a`; nothing where none was asked for. */
export function certificateNames(client: Socket): readonly string[] {
  return client instanceof SecuredSocket ? client.certificateNames() : [];
}

function secretsOf({ ca, cert, key }: TlsMaterial): Pick<TlsOptions, "ca" | "cert" | "key"> {
  return { ca, cert, key };
}

/** Tells open connections to one address apart. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

type TakeSecured = (secured: TLSSocket) => void;

interface SecuredSocketOptions extends Pick<SocketSecurerOptions, "handshakeFirst" | "highWaterMark"> {
  /** One that fails closes the plain socket. */
  readonly handshake: (plain: Socket, take: TakeSecured) => void;
}

type Done = (reason?: Error | null) => void;

const INFO = Buffer.from("INFO ");
const LF = 0x0a;

/** Plain until its first line is written, then TLS. */
class SecuredSocket extends Socket {
  readonly #plain: Socket;
  readonly #options: SecuredSocketOptions;
  #isSecuring = false;
  #secured: TLSSocket | undefined;
  /** The one write that waits for the handshake. */
  #write: ((secured: TLSSocket) => void) | undefined;

  constructor(plain: Socket, options: SecuredSocketOptions) {
    super(streamOptions(options));
    this.#plain = plain;
    this.#options = options;
    Object.defineProperties(this, addressesOf(plain));
    plain.once("close", () => this.destroy());
    plain.on("error", () => undefined);
  }

  certificateNames(): readonly string[] {
    return splitAlternativeNames(this.#secured?.getPeerX509Certificate()?.subjectAltName ?? "");
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    if (this.#secured !== undefined) this.#secured.write(chunk, done);
    else if (this.#isSecuring || this.#options.handshakeFirst) this.#writeSecured(chunk, done);
    else this.#writePlain(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    // TLS copies in any case, and one write is one record.
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "utf8", done);
  }

  override _read(): void {
    if (this.#options.handshakeFirst) this.#secure();
    this.#secured?.resume();
  }

  override _final(done: Done): void {
    (this.#secured ?? this.#plain).end(() => {
      done();
    });
  }

  override _destroy(reason: Error | null, done: Done): void {
    this.#secured?.destroy();
    this.#plain.destroy();
    super._destroy(reason, done);
  }

  #writePlain(chunk: Buffer, done: Done): void {
    const lineEnd = chunk.indexOf(LF) + 1;
    const isInfo = lineEnd > 0 && chunk.subarray(0, INFO.length).equals(INFO);
    if (!isInfo) {
      this.#plain.write(chunk, done);
      return;
    }
    this.#plain.write(chunk.subarray(0, lineEnd));
    this.#writeSecured(chunk.subarray(lineEnd), done);
  }

  #writeSecured(chunk: Buffer, done: Done): void {
    const write = (secured: TLSSocket): void => {
      secured.write(chunk, done);
    };
    if (chunk.length > 0) this.#write = write;
    else done();
    this.#secure();
  }

  /** The handshake begins when it is needed: nobody who is turned away before gets that work done. */
  #secure(): void {
    if (this.#isSecuring || this.#plain.destroyed) return;
    this.#isSecuring = true;
    this.#options.handshake(this.#plain, (secured) => {
      this.#attach(secured);
    });
  }

  #attach(secured: TLSSocket): void {
    this.#secured = secured;
    secured.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) secured.pause();
    });
    secured.once("end", () => {
      this.push(null);
    });
    secured.once("close", () => this.destroy());
    // Followed by `close`.
    secured.on("error", () => undefined);
    this.#write?.(secured);
    this.#write = undefined;
  }
}

function streamOptions({ highWaterMark }: SecuredSocketOptions): SocketConstructorOpts {
  const options = { allowHalfOpen: true, highWaterMark };
  return options;
}

/** Where both ends are, which a socket without a handle of its own doesn't know. */
function addressesOf(plain: Socket): PropertyDescriptorMap {
  const { localAddress, localPort, remoteAddress, remotePort } = plain;
  const values = { localAddress, localPort, remoteAddress, remotePort };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
