import { withoutPayload } from "@cortexos/kernel";
import type { AuditRecord } from "@cortexos/protocol";
import { createLineQueue, type Line } from "./line-queue.ts";
import { durabilityOf, isReleaseRecord, type SinkCounters, type StoredRecordSink } from "./stored-record-sink.ts";
import { isStoresError, reasonText, StoresError, type StoresErrorCode } from "./stores-error.ts";

/** Records queued or on their way in a sink; a further append is refused. */
export const SINK_QUEUE_COUNT_MAX = 65_536;

/** Bytes of those. */
export const SINK_QUEUE_BYTES_MAX = 33_554_432;

/** Share of both bounds from which on a buffered record is waited for, so that who appends slows down before anything is refused. */
const SINK_CROWDED_SHARE = 0.5;

/** Share of both bounds that nothing but releases may use, in hundredths: what is refused never keeps out what is allowed. */
const SINK_RELEASE_PERCENT = 25;

/** Records that travel together. */
export const BATCH_COUNT_MAX = 4_096;

/** Bytes that travel together, where the target takes that much. Also the longest record. */
export const BATCH_BYTES_MAX = 1_048_576;

/** Longest time a buffered record waits for company before it is written. With the time of a write it is the loss window of a crash. */
export const BUFFERED_DELAY_MS_MAX = 100;

/** How long a buffered record is tried again after a failed write before it counts as lost. */
export const BUFFERED_RETRY_MS_MAX = 30_000;

/** Longest wait for a write's acknowledgement. */
export const ACK_MS_MAX = 2_000;

/** Bounds of a sink; each is named after its constant, which holds unless given. */
export interface SinkLimits {
  readonly queueCountMax?: number;
  readonly queueBytesMax?: number;
  readonly batchCountMax?: number;
  readonly batchBytesMax?: number;
  readonly bufferedDelayMsMax?: number;
  readonly bufferedRetryMsMax?: number;
  readonly ackMsMax?: number;
}

/** Where batches go. */
export interface BatchTarget {
  /** Resolves when so many lines are durable; rejects when they may not be. One call at a time. */
  write(lines: Uint8Array, count: number): Promise<void>;
  /** Why nothing can be written now; `undefined` when it may be tried. */
  unavailable(): StoresErrorCode | undefined;
  /** Most bytes that one write takes now. */
  bytesMax(): number;
  close(): Promise<void>;
}

/**
 * Group commit: one write is under way, and what is appended meanwhile travels together in the next. A durable record's append resolves when
 * its write is acknowledged; a buffered one's at once, unless the last write failed or the queue is half full: then it waits as a durable one does, so that
 * the loss window never grows past a failure that is known and who appends feels the pace of the target. Buffered records of a failed write travel again, so they are stored
 * at least once; their `record_id` tells copies apart. The record of a refusal is written as soon as that of a release, and waited for as a buffered one is: its
 * sender may be told before. The last quarter of the queue is for releases. A refusal's record that is too big is written without its payload.
 */
export function createRecordQueue(target: BatchTarget, limits: SinkLimits = {}): StoredRecordSink {
  const queue = new RecordQueue(target, withDefaults(limits));
  return {
    append: (record) => queue.append(record),
    counters: () => queue.counters(),
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}

class RecordQueue {
  readonly #target: BatchTarget;
  readonly #limits: Required<SinkLimits>;
  readonly #queue = createLineQueue();
  readonly #counts = { appendedCount: 0, batchCount: 0, refusedCount: 0, lostCount: 0 };
  #inFlight: readonly Line[] = [];
  #inFlightBytes = 0;
  #nextOrder = 0;
  /** The last write failed. */
  #isFailing = false;
  /** The write under way has outlived its deadline. */
  #isStuck = false;
  #isPumping = false;
  /** Something queued shouldn't wait for company. */
  #isUrgent = false;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(target: BatchTarget, limits: Required<SinkLimits>) {
    this.#target = target;
    this.#limits = limits;
  }

  append(record: AuditRecord): Promise<void> | undefined {
    const line = this.#lineOf(record);
    const isRelease = isReleaseRecord(record);
    const refusal = this.#refusal(line.bytes, isRelease);
    if (refusal !== undefined) {
      this.#counts.refusedCount++;
      return Promise.reject(refusal);
    }
    const isDurable = durabilityOf(record) === "durable";
    if (this.#isFailing || this.#isCrowded() || (isDurable && isRelease)) return this.#waitFor(line);
    this.#push({ ...line, tell: undefined }, isDurable);
    return undefined;
  }

  counters(): SinkCounters {
    const waiting = [...this.#inFlight, ...this.#queue.lines()].filter((line) => line.text !== "");
    return { ...this.#counts, unacknowledgedCount: waiting.length };
  }

  async flush(): Promise<void> {
    const upTo = this.#nextOrder;
    const { lostCount } = this.#counts;
    do {
      if (this.#isStuck) throw new StoresError("sink.timeout", STUCK);
      await this.#waitFor(MARK);
    } while (this.#queue.lines().some((line) => line.order < upTo));
    if (this.#counts.lostCount > lostCount) throw new StoresError("sink.refused", "buffered records were lost");
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    // A failure is counted; nobody is left to be told.
    if (!this.#isStuck) await this.#waitFor(MARK).catch(() => undefined);
    await this.#target.close();
  }

  #lineOf(record: AuditRecord): LineText {
    const line = lineText(record);
    if (line.bytes <= this.#batchBytesMax()) return line;
    const shorter = withoutPayload(record);
    return shorter === undefined ? line : lineText(shorter);
  }

  #refusal(bytes: number, isRelease: boolean): StoresError | undefined {
    if (this.#closing !== undefined) return new StoresError("sink.closed", "the record sink is closed");
    if (this.#isStuck) return new StoresError("sink.timeout", STUCK);
    const unavailable = this.#target.unavailable();
    if (unavailable !== undefined) return new StoresError(unavailable, "the record sink's target can't be written");
    if (bytes > this.#batchBytesMax()) return new StoresError("record.too_big", `a record has ${bytes} bytes`);
    const share = isRelease ? 1 : 1 - SINK_RELEASE_PERCENT / 100;
    const isFull =
      this.#queue.lines().length + this.#inFlight.length >= this.#limits.queueCountMax * share ||
      this.#queue.bytes() + this.#inFlightBytes + bytes > this.#limits.queueBytesMax * share;
    return isFull ? new StoresError("sink.full", "the record sink's queue is full") : undefined;
  }

  #isCrowded(): boolean {
    const count = this.#queue.lines().length + this.#inFlight.length;
    const bytes = this.#queue.bytes() + this.#inFlightBytes;
    const { queueCountMax, queueBytesMax } = this.#limits;
    return count >= queueCountMax * SINK_CROWDED_SHARE || bytes >= queueBytesMax * SINK_CROWDED_SHARE;
  }

  #batchBytesMax(): number {
    return Math.min(this.#limits.batchBytesMax, this.#target.bytesMax());
  }

  #waitFor(line: LineText): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push({ ...line, tell: (failure) => (failure === undefined ? resolve() : reject(failure)) }, true);
    });
  }

  #push({ text, bytes, tell }: Pick<Line, "text" | "bytes" | "tell">, isUrgent: boolean): void {
    const order = this.#nextOrder++;
    this.#queue.push({ text, bytes, order, queuedAtMs: performance.now(), tell, isRefused: false });
    this.#isUrgent ||= isUrgent;
    this.#plan(isUrgent);
  }

  /** A durable record goes at once, a buffered one when it has company or its time is over. */
  #plan(isUrgent: boolean): void {
    if (this.#isPumping) return;
    const { length } = this.#queue.lines();
    const isFull = length >= this.#limits.batchCountMax || this.#queue.bytes() >= this.#batchBytesMax();
    // Nothing is no batch, even where the target takes nothing: it would be written again and again.
    const isBatch = length > 0 && isFull;
    if (isUrgent || (isBatch && !this.#isFailing)) {
      this.#isPumping = true;
      // After this turn's appends, so that they travel together.
      queueMicrotask(() => void this.#pump());
    } else if (length > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#plan(true);
      }, this.#limits.bufferedDelayMsMax);
    }
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    do {
      this.#isUrgent = false;
      this.#dropBigger();
      await this.#write(this.#queue.take({ countMax: this.#limits.batchCountMax, bytesMax: this.#batchBytesMax() }));
    } while (this.#isUrgent || this.#queue.waitingCount() > 0);
    this.#isPumping = false;
    this.#plan(false);
  }

  async #write(batch: readonly Line[]): Promise<void> {
    const records = batch.filter((line) => line.text !== "");
    const text = records.map((line) => line.text).join("");
    this.#inFlight = batch;
    this.#inFlightBytes = batch.reduce((sum, line) => sum + line.bytes, 0);
    const deadline = setTimeout(() => this.#becomeStuck(), this.#limits.ackMsMax);
    try {
      if (text !== "") await this.#target.write(Buffer.from(text), records.length);
      this.#accept(batch, text !== "");
    } catch (reason) {
      this.#isFailing = true;
      const failure = asSinkFailure(reason);
      for (const line of batch) this.#dropOrRetry(line, failure);
    } finally {
      clearTimeout(deadline);
      this.#isStuck = false;
      this.#inFlight = [];
      this.#inFlightBytes = 0;
    }
  }

  #accept(batch: readonly Line[], isWritten: boolean): void {
    if (isWritten) {
      this.#isFailing = false;
      this.#counts.batchCount++;
    }
    for (const line of batch) {
      if (line.text !== "" && !line.isRefused) this.#counts.appendedCount++;
      line.tell?.();
    }
  }

  #becomeStuck(): void {
    this.#isStuck = true;
    this.#isFailing = true;
    const failure = new StoresError("sink.timeout", `no acknowledgement in ${this.#limits.ackMsMax} ms`);
    for (const line of this.#inFlight) this.#refuse(line, failure);
    for (const line of this.#queue.takeAll()) {
      // What was refused must not be written later, as a release that never was.
      if (line.tell === undefined) this.#queue.push(line);
      else this.#refuse(line, failure);
    }
  }

  #refuse(line: Line, failure: StoresError): void {
    if (line.tell === undefined) return;
    if (line.text !== "") this.#counts.refusedCount++;
    line.isRefused = true;
    line.tell(failure);
    line.tell = undefined;
  }

  #dropOrRetry(line: Line, failure: StoresError): void {
    this.#refuse(line, failure);
    if (line.isRefused) return;
    const isYoung = performance.now() - line.queuedAtMs < this.#limits.bufferedRetryMsMax;
    if (isYoung && this.#closing === undefined) this.#queue.push(line);
    else this.#counts.lostCount++;
  }

  /** The target may have lowered its limit since the append. */
  #dropBigger(): void {
    for (const line of this.#queue.takeBigger(this.#batchBytesMax())) {
      if (line.tell === undefined && !line.isRefused) this.#counts.lostCount++;
      this.#refuse(line, new StoresError("record.too_big", `a record has ${line.bytes} bytes`));
    }
  }
}

type LineText = Pick<Line, "bytes" | "text">;

/** Only waits for what is before it. */
const MARK: LineText = { text: "", bytes: 0 };

function lineText(record: AuditRecord): LineText {
  const text = `${JSON.stringify(record)}\n`;
  return { text, bytes: Buffer.byteLength(text) };
}

const STUCK = "the record sink's target does not answer";

function withDefaults(limits: SinkLimits): Required<SinkLimits> {
  return {
    queueCountMax: SINK_QUEUE_COUNT_MAX,
    queueBytesMax: SINK_QUEUE_BYTES_MAX,
    batchCountMax: BATCH_COUNT_MAX,
    batchBytesMax: BATCH_BYTES_MAX,
    bufferedDelayMsMax: BUFFERED_DELAY_MS_MAX,
    bufferedRetryMsMax: BUFFERED_RETRY_MS_MAX,
    ackMsMax: ACK_MS_MAX,
    ...limits,
  };
}

function asSinkFailure(reason: unknown): StoresError {
  return isStoresError(reason) ? reason : new StoresError("sink.refused", reasonText(reason), { cause: reason });
}
