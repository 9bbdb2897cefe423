import { Buffer } from "node:buffer";
import { createFault, type ClientFault } from "./fault.ts";
import { parseInfo } from "./info.ts";
import { createInjector, type Injector } from "./injector.ts";
import { createPingQueue } from "./ping-queue.ts";
import { OK_BYTES, PING_BYTES, serialiseError } from "./serialise.ts";
import { createServerFrameParser, type ServerFrame } from "./server-frame-parser.ts";
import type { ServerInfo } from "./session-types.ts";
import { createSliceRun } from "./slice-run.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What the client is told of an operation that didn't go upstream. */
export interface LocalAnswer {
  /** Text of an `-ERR`; without it the operation succeeded, which only `verbose` is told. */
  readonly errorText?: string | undefined;
  /** A delivery that follows. */
  readonly delivery?: Uint8Array | undefined;
}

export interface DownstreamParts {
  readonly subscriptions: Subscriptions;
  writeClient(bytes: Uint8Array): void;
  writeUpstream(bytes: Uint8Array): void;
  /** @returns the line to write to the client in its place. */
  takeInfo(info: ServerInfo): Uint8Array;
  /** @returns true when the PING was answered and is not the client's to answer. */
  answersPing(): boolean;
}

/** The way from the server to the client: frames pass as they came, and what is ours is put in between them. */
export interface Downstream {
  /** Bytes of our own that wait for their place. */
  readonly waitingBytes: number;
  /** @returns the server's violation, if there is one. */
  data(chunk: Uint8Array): ClientFault | undefined;
  /** CONNECT went upstream. */
  connected(isVerbose: boolean): void;
  /** A client's PING went upstream. */
  clientPinged(): void;
  /** Puts bytes in after what the server has sent so far. */
  inject(bytes: Uint8Array): void;
  /** Answers an operation of the client that didn't go upstream. */
  answer(answer: LocalAnswer): void;
  /** Writes an operation of our own upstream; the client doesn't see its +OK. */
  writeOwn(bytes: Uint8Array): void;
  /** Last words before the connection is closed; nothing when a message's body is half written. */
  writeLast(errorText: string): void;
}

export function createDownstream(parts: DownstreamParts): Downstream {
  return new ServerToClient(parts);
}

class ServerToClient implements Downstream {
  readonly #parts: DownstreamParts;
  readonly #parser = createServerFrameParser();
  readonly #pings = createPingQueue();
  readonly #injector: Injector;
  readonly #run = createSliceRun();
  #isConnected = false;
  #isVerbose = false;
  /** The next +OK answers an operation of ours. */
  #isOkOurs = false;

  constructor(parts: DownstreamParts) {
    this.#parts = parts;
    this.#injector = createInjector({
      pings: this.#pings,
      ping: (arrived) => {
        this.#ping(arrived);
      },
      write: (bytes) => {
        this.#flushRun();
        parts.writeClient(bytes);
      },
    });
  }

  get waitingBytes(): number {
    return this.#injector.waitingBytes;
  }

  data(chunk: Uint8Array): ClientFault | undefined {
    this.#parser.feed(chunk);
    let fault: ClientFault | undefined;
    for (let frame = this.#parser.next(); frame !== undefined && fault === undefined; frame = this.#parser.next()) {
      fault = this.#take(frame);
      if (this.#injector.isWaiting && frame.isComplete) this.#injector.flush();
    }
    this.#flushRun();
    return fault ?? this.#parser.fault;
  }

  connected(isVerbose: boolean): void {
    this.#isConnected = true;
    this.#isVerbose = isVerbose;
  }

  clientPinged(): void {
    this.#pings.clientPing();
  }

  inject(bytes: Uint8Array): void {
    this.#injector.push(bytes);
    this.#flushBetweenFrames();
  }

  answer({ errorText, delivery }: LocalAnswer): void {
    const lines: Uint8Array[] = [];
    if (errorText !== undefined) lines.push(serialiseError(errorText));
    else if (this.#isVerbose) lines.push(OK_BYTES);
    if (delivery !== undefined) lines.push(delivery);
    if (lines.length === 0) return;
    const bytes = Buffer.concat(lines);
    if (this.#isVerbose) this.#injector.pushInOrder(bytes);
    else this.inject(bytes);
  }

  writeOwn(bytes: Uint8Array): void {
    if (!this.#isVerbose) {
      this.#parts.writeUpstream(bytes);
      return;
    }
    this.#ping(() => {
      this.#isOkOurs = true;
    });
    this.#parts.writeUpstream(bytes);
    this.#ping(() => {
      this.#isOkOurs = false;
    });
  }

  writeLast(errorText: string): void {
    if (this.#parser.isBetweenFrames) this.#parts.writeClient(serialiseError(errorText));
  }

  #take(frame: ServerFrame): ClientFault | undefined {
    switch (frame.operation) {
      case "MSG":
      case "HMSG":
        this.#parts.subscriptions.countDelivery(frame.bytes, frame.sidStart, frame.sidEnd);
        this.#pass(frame);
        return undefined;
      case "BODY":
      case "-ERR":
        this.#pass(frame);
        return undefined;
      case "+OK":
        if (!this.#isOkOurs) this.#pass(frame);
        return undefined;
      case "PING":
        if (!this.#parts.answersPing()) this.#pass(frame);
        return undefined;
      case "PONG":
        this.#takePong(frame);
        return undefined;
      case "INFO":
        return this.#takeInfo(frame);
    }
  }

  #takePong(frame: ServerFrame): void {
    const arrived = this.#pings.pong();
    if (arrived !== undefined) {
      arrived();
      return;
    }
    this.#pass(frame);
    if (this.#isConnected) this.#injector.pongPassed();
  }

  #takeInfo(frame: ServerFrame): ClientFault | undefined {
    const info = parseInfo(frame.bytes, frame.argStart, frame.argEnd);
    if (info === undefined) return createFault("wire.upstream", "the server sent an INFO without a JSON object");
    this.#flushRun();
    this.#parts.writeClient(this.#parts.takeInfo(info));
    return undefined;
  }

  #ping(arrived: () => void): void {
    this.#pings.ownPing(arrived);
    this.#parts.writeUpstream(PING_BYTES);
  }

  #pass(frame: ServerFrame): void {
    if (!this.#run.isNext(frame)) this.#flushRun();
    this.#run.add(frame);
  }

  #flushBetweenFrames(): void {
    if (this.#parser.isBetweenFrames) this.#injector.flush();
  }

  #flushRun(): void {
    const slice = this.#run.take();
    if (slice !== undefined) this.#parts.writeClient(slice);
  }
}
