import type { Message } from "@cortexos/protocol";
import { createClientFrameParser, type ClientFrameParser } from "./client-frame-parser.ts";
import type { ClientFrame } from "./client-frame.ts";
import { buildConnect, parseConnect } from "./connect.ts";
import { createDownstream, type Downstream } from "./downstream.ts";
import { createFault, type ClientFault } from "./fault.ts";
import { rewriteInfo } from "./info.ts";
import {
  CONTROL_LINE_BYTES_MAX,
  INJECTED_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  QUEUE_BYTES_MAX,
  QUEUE_COUNT_MAX,
  SUBSCRIPTION_BYTES_MAX,
  SUBSCRIPTION_COUNT_MAX,
} from "./limits.ts";
import { createOrderedOperations } from "./ordered-operations.ts";
import { createOrderedQueue, type OrderedQueue } from "./ordered-queue.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { createRefuser, type Refuser } from "./refuser.ts";
import { PONG_BYTES, serialiseJsonLine, serialisePublish } from "./serialise.ts";
import type {
  ClientConnect,
  ClientLeg,
  ProxyHost,
  ProxySession,
  ProxySessionOptions,
  PublishRefusal,
  ServerInfo,
} from "./session-types.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { createUpstreamRun, type UpstreamRun } from "./upstream-run.ts";
import { WIRE_ERRORS, WireError } from "./wire-error.ts";

/**
 * Proxies one client's connection: publishes are decided by the host, everything else passes in canonical form. Never throws for anything a
 * peer sends; what the host throws out of its own callbacks ends the session and is passed on.
 *
 * @param options - the client's leg and limits.
 * @param host - carries out the effects, in the order they are asked for.
 */
export function createProxySession(options: ProxySessionOptions, host: ProxyHost): ProxySession {
  return new Session(options, host);
}

class Session implements ProxySession {
  readonly #host: ProxyHost;
  readonly #leg: ClientLeg;
  readonly #parser: ClientFrameParser;
  readonly #queue: OrderedQueue;
  readonly #subscriptions: Subscriptions;
  readonly #run: UpstreamRun;
  readonly #downstream: Downstream;
  readonly #refuser: Refuser;
  readonly #publisher: Publisher;
  readonly #takeInOrder: (frame: ClientFrame) => void;
  readonly #backlog: Uint8Array[] = [];
  #payloadBytesMax: number;
  #info: ServerInfo | undefined;
  #connect: ClientConnect | undefined;
  /** The JSON of a CONNECT that wasn't taken yet: the server's INFO comes first. */
  #connectJson: string | undefined;
  #isPaused = false;
  #isPumping = false;
  #isFaulty = false;
  /** The client's violation that waits for its turn. */
  #fault: ClientFault | undefined;
  #hasClientEnded = false;
  #isEnded = false;

  constructor(options: ProxySessionOptions, host: ProxyHost) {
    this.#host = host;
    this.#leg = options.leg;
    this.#payloadBytesMax = options.payloadBytesMax ?? PAYLOAD_BYTES_MAX;
    this.#parser = createClientFrameParser({
      controlLineBytesMax: options.controlLineBytesMax ?? CONTROL_LINE_BYTES_MAX,
      payloadBytesMax: this.#payloadBytesMax,
      awaitsConnect: true,
    });
    this.#queue = createOrderedQueue({
      countMax: options.queueCountMax ?? QUEUE_COUNT_MAX,
      bytesMax: options.queueBytesMax ?? QUEUE_BYTES_MAX,
    });
    this.#subscriptions = createSubscriptions({
      countMax: options.subscriptionCountMax ?? SUBSCRIPTION_COUNT_MAX,
      bytesMax: options.subscriptionBytesMax ?? SUBSCRIPTION_BYTES_MAX,
    });
    const writeUpstream = (bytes: Uint8Array): void => {
      host.writeUpstream(bytes);
    };
    this.#run = createUpstreamRun(writeUpstream);
    this.#downstream = createDownstream({
      subscriptions: this.#subscriptions,
      writeUpstream,
      writeClient: (bytes) => {
        host.writeClient(bytes);
      },
      takeInfo: (info) => this.#takeInfo(info),
      answersPing: () => this.#answersPing(),
    });
    this.#refuser = createRefuser({
      downstream: this.#downstream,
      subscriptions: this.#subscriptions,
      acceptsHeaders: () => this.#acceptsHeaders(),
    });
    this.#takeInOrder = createOrderedOperations({
      queue: this.#queue,
      run: this.#run,
      downstream: this.#downstream,
      subscriptions: this.#subscriptions,
      host,
      tooManySubscriptions: () => {
        this.#end(createFault("wire.subscriptions", "too many subscriptions"));
      },
    });
    this.#publisher = createPublisher({
      host,
      queue: this.#queue,
      run: this.#run,
      downstream: this.#downstream,
      refuser: this.#refuser,
      nextAlike: () => this.#parser.nextAlike(),
      payloadBytesMax: () => this.#payloadBytesMax,
      acceptsHeaders: () => this.#acceptsHeaders(),
      isEnded: () => this.#isEnded,
      settled: () => {
        this.#pump();
      },
    });
  }

  clientData(chunk: Uint8Array): void {
    if (this.#isEnded || this.#isFaulty || this.#hasClientEnded) return;
    this.#backlog.push(chunk);
    this.#pump();
  }

  upstreamData(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    const fault = this.#downstream.data(chunk);
    if (fault === undefined) this.#pump();
    else this.#end(fault);
  }

  incompleteFrame(): number {
    return this.#parser.incompleteFrame;
  }

  keptBytes(): number {
    return this.#parser.keptBytes + this.#queue.bytes + this.#downstream.waitingBytes + this.#subscriptions.bytes;
  }

  frameLate(): void {
    if (this.#isEnded || this.#isFaulty || this.#parser.incompleteFrame === 0) return;
    this.#fail(createFault("wire.frame_late", "a frame was begun and not completed in its time"));
  }

  clientEnd(): void {
    if (this.#isEnded) return;
    this.#hasClientEnded = true;
    this.#pump();
  }

  upstreamEnd(): void {
    this.#end();
  }

  refuseLater(reply: string, refusal: PublishRefusal): boolean {
    return !this.#isEnded && this.#refuser.refuseLater(reply, refusal);
  }

  publishLater(message: Message): boolean {
    if (this.#isEnded || this.#connect === undefined) return false;
    const bytes = serialisePublish(message);
    if (message.headers.length > 0 && !this.#acceptsHeaders()) {
      throw new WireError("wire.no_headers", "the message has headers and the client's connection takes none");
    }
    if (message.payload.length > this.#payloadBytesMax) {
      throw new WireError("wire.payload_too_large", "the message is larger than the server takes");
    }
    this.#downstream.writeOwn(bytes);
    return true;
  }

  /** Carries on as far as verdicts and bounds allow. */
  #pump(): void {
    if (this.#isPumping || this.#isEnded) return;
    this.#isPumping = true;
    try {
      this.#carryOn();
    } catch (reason) {
      this.#end();
      throw reason;
    } finally {
      this.#isPumping = false;
    }
  }

  #carryOn(): void {
    if (this.#connectJson !== undefined && this.#info !== undefined) this.#takeConnect(this.#connectJson);
    this.#queue.drain();
    const isAllRead = this.#readFrames();
    this.#run.flush();
    if (this.#isEnded) return;
    this.#setPaused(this.#isBlocked());
    if (this.#hasClientEnded && this.#queue.isEmpty && isAllRead) this.#end();
  }

  /** @returns true when all that came is read. */
  #readFrames(): boolean {
    while (!this.#isEnded && !this.#isFaulty && !this.#isBlocked()) {
      const frame = this.#nextToDecide();
      if (frame !== undefined) {
        this.#take(frame);
      } else if (this.#parser.fault !== undefined) {
        this.#fail(this.#parser.fault);
      } else {
        const chunk = this.#backlog.shift();
        if (chunk === undefined) return true;
        this.#parser.feed(chunk);
      }
    }
    return this.#isFaulty;
  }

  /** The next frame that no standing verdict covers: those change nothing but the run. */
  #nextToDecide(): ClientFrame | undefined {
    let frame = this.#parser.next();
    if (this.#connect === undefined) return frame;
    while (frame !== undefined && this.#publisher.stand(frame)) frame = this.#parser.next();
    return frame;
  }

  #acceptsHeaders(): boolean {
    return this.#connect?.headers === true;
  }

  #awaitsInfo(): boolean {
    return this.#connectJson !== undefined;
  }

  /** Once paused, reading goes on only when half of the bounds is free, so that it doesn't flutter. */
  #isBlocked(): boolean {
    const { waitingBytes } = this.#downstream;
    if (this.#awaitsInfo()) return true;
    if (this.#isPaused) return !this.#queue.isLow || waitingBytes * 2 > INJECTED_BYTES_MAX;
    return this.#queue.isFull || waitingBytes >= INJECTED_BYTES_MAX;
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#host.setClientPaused(isPaused);
  }

  /** The client's own PONG would wait in its socket while we don't read. */
  #answersPing(): boolean {
    if (this.#isPaused) this.#host.writeUpstream(PONG_BYTES);
    return this.#isPaused;
  }

  #take(frame: ClientFrame): void {
    const { operation } = frame;
    if (operation === "PONG") {
      // Says nothing about what came before it, and a server that waits for it too long closes.
      this.#run.flush();
      this.#host.writeUpstream(PONG_BYTES);
    } else if (operation === "CONNECT") {
      if (this.#connect === undefined) this.#takeConnect(frame.args[0] ?? "");
      else this.#fail(createFault("wire.second_connect", "CONNECT again"));
    } else if (this.#connect === undefined && operation !== "PING") {
      this.#fail(createFault("wire.before_connect", `${operation} before CONNECT`));
    } else if (operation === "HPUB" && !this.#acceptsHeaders()) {
      this.#fail(createFault("wire.no_headers", "HPUB without headers in CONNECT"));
    } else if (operation === "PUB" || operation === "HPUB") {
      this.#publisher.publish(frame);
    } else {
      this.#takeInOrder(frame);
    }
  }

  #takeConnect(json: string): void {
    if (this.#info === undefined) {
      this.#connectJson = json;
      return;
    }
    this.#connectJson = undefined;
    const parsed = parseConnect(json);
    if ("code" in parsed) {
      this.#fail(parsed);
      return;
    }
    const verdict = this.#host.connect?.(parsed, this.#info) ?? { kind: "accept" };
    if (verdict.kind === "refuse") {
      this.#fail(createFault("wire.connect_refused", verdict.reason));
      return;
    }
    const { credentials = parsed.credentials, proxySignature } = verdict;
    const signed = proxySignature === undefined ? credentials : { ...credentials, proxy_sig: proxySignature };
    this.#connect = parsed;
    this.#parser.connected();
    this.#host.writeUpstream(serialiseJsonLine("CONNECT", buildConnect(parsed, signed)));
    this.#downstream.connected(parsed.verbose);
  }

  #takeInfo(info: ServerInfo): Uint8Array {
    this.#info = info;
    if (info.payloadBytesMax !== undefined) {
      this.#payloadBytesMax = Math.min(this.#payloadBytesMax, info.payloadBytesMax);
      this.#parser.tightenPayloadBytesMax(this.#payloadBytesMax);
    }
    this.#host.serverInfo?.(info);
    return serialiseJsonLine("INFO", rewriteInfo(info, this.#leg, this.#payloadBytesMax));
  }

  /** A violation takes its turn: what came before it is still decided. Nothing is read after it. */
  #fail(fault: ClientFault): void {
    this.#isFaulty = true;
    this.#fault = fault;
    this.#backlog.length = 0;
    const act = (): void => {
      this.#end(fault);
    };
    if (this.#queue.isEmpty) act();
    else this.#queue.push({ bytes: 0, isReady: true, act });
  }

  #end(fault?: ClientFault): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (fault !== undefined) this.#tellLast(fault);
    this.#queue.drop();
    // A violation whose turn doesn't come any more has happened all the same.
    this.#host.close(this.#fault ?? fault);
  }

  #tellLast({ code }: ClientFault): void {
    // A fault of the client is found after what it sent before; a fault of the server says nothing about that.
    if (code !== "wire.upstream") this.#run.flush();
    const row = WIRE_ERRORS[code];
    if ("errText" in row) this.#downstream.writeLast(row.errText);
  }
}
