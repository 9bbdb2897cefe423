import type { DecisionRecord } from "@cortexos/protocol";
import { EXPLAINED_BYTES_MAX, EXPLAINED_COUNT_MAX, FEED_COUNT_MAX } from "./limits.ts";

/** Told of every decision, in order, before what it decides is released. What it throws is dropped. */
export type DecisionListener = (record: DecisionRecord) => void;

/** Who watches decisions. */
export interface DecisionFeed {
  push(record: DecisionRecord): void;
  /** Whether anybody sees each decision: then none may stand for several messages. */
  isWatched(): boolean;
  listen(listener: DecisionListener): () => void;
  iterate(): AsyncIterableIterator<DecisionRecord>;
  find(decisionId: string): DecisionRecord | undefined;
  /** Ends every iteration. */
  close(): void;
}

export function createDecisionFeed(): DecisionFeed {
  const remembered = createMemory();
  const listeners = new Set<DecisionListener>();
  const readers = new Set<Reader>();
  let isClosed = false;
  return {
    push: (record) => {
      remembered.add(record);
      for (const listener of listeners) tell(listener, record);
      for (const reader of readers) reader.push(record);
    },
    isWatched: () => listeners.size + readers.size > 0,
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    iterate: () => {
      const reader = createReader(() => readers.delete(reader));
      if (isClosed) reader.end();
      else readers.add(reader);
      return reader.iterator;
    },
    find: (decisionId) => remembered.find(decisionId),
    close: () => {
      isClosed = true;
      for (const reader of readers) reader.end();
      readers.clear();
      listeners.clear();
    },
  };
}

/** The latest records; bounded by what their payloads take. */
function createMemory(): { add(record: DecisionRecord): void; find(decisionId: string): DecisionRecord | undefined } {
  const records = new Map<string, DecisionRecord>();
  let bytes = 0;
  const forget = (id: string, record: DecisionRecord): void => {
    records.delete(id);
    bytes -= record.input.message.size_bytes;
  };
  return {
    find: (decisionId) => records.get(decisionId),
    add: (record) => {
      const { decision_id: id } = record.decision;
      const known = records.get(id);
      if (known !== undefined) forget(id, known);
      records.set(id, record);
      bytes += record.input.message.size_bytes;
      for (const [oldestId, oldest] of records) {
        if (records.size <= EXPLAINED_COUNT_MAX && bytes <= EXPLAINED_BYTES_MAX) return;
        forget(oldestId, oldest);
      }
    },
  };
}

function tell(listener: DecisionListener, record: DecisionRecord): void {
  try {
    listener(record);
  } catch {
    // A listener that fails must not change what becomes of a message.
  }
}

interface Reader {
  readonly iterator: AsyncIterableIterator<DecisionRecord>;
  push(record: DecisionRecord): void;
  end(): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

function createReader(left: () => void): Reader {
  let queue: DecisionRecord[] = [];
  let waiting: ((result: IteratorResult<DecisionRecord>) => void)[] = [];
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    for (const resolve of waiting) resolve(DONE);
    waiting = [];
  };
  return {
    push: (record) => {
      const resolve = waiting.shift();
      if (resolve !== undefined) resolve({ done: false, value: record });
      else if (queue.push(record) > FEED_COUNT_MAX) queue = queue.slice(-FEED_COUNT_MAX);
    },
    end,
    iterator: {
      next: async () => {
        const record = queue.shift();
        if (record !== undefined) return { done: false, value: record };
        if (hasEnded) return DONE;
        return new Promise((resolve) => waiting.push(resolve));
      },
      return: async () => {
        left();
        end();
        queue = [];
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
