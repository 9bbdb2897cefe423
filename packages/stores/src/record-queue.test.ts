import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestJson, type AuditRecord } from "@cortexos/protocol";
import { createRecordQueue, type BatchTarget, type SinkLimits } from "./record-queue.ts";
import type { StoredRecordSink } from "./stored-record-sink.ts";
import type { StoresErrorCode } from "./stores-error.ts";
import { sampleRecord } from "./test/samples.ts";

interface Write {
  readonly ids: readonly string[];
  readonly lines: readonly AuditRecord[];
  succeed(): void;
  fail(): void;
}

/** A target whose writes end when the test says so. */
function createTarget(): BatchTarget & {
  readonly writes: Write[];
  readonly stored: string[];
  readonly next: () => Promise<Write>;
  set(state: { unavailable?: StoresErrorCode | undefined; bytesMax?: number }): void;
} {
  const writes: Write[] = [];
  const stored: string[] = [];
  let arrived: (write: Write) => void = () => undefined;
  let state: { unavailable?: StoresErrorCode | undefined; bytesMax?: number } = {};
  return {
    writes,
    stored,
    next: () => new Promise((resolve) => (arrived = resolve)),
    set: (next) => (state = next),
    bytesMax: () => state.bytesMax ?? Number.MAX_SAFE_INTEGER,
    unavailable: () => state.unavailable,
    close: () => Promise.resolve(),
    write: (lines) =>
      new Promise((resolve, reject) => {
        const read = linesOf(lines);
        const ids = read.map((record) => record.record_id);
        const write: Write = {
          ids,
          lines: read,
          succeed() {
            stored.push(...ids);
            resolve();
          },
          fail: () => reject(new Error("no")),
        };
        writes.push(write);
        arrived(write);
      }),
  };
}

function linesOf(lines: Uint8Array): readonly AuditRecord[] {
  const text = Buffer.from(lines).toString();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as AuditRecord);
}

const LONG_MS = 600_000;
const PATIENT: SinkLimits = { ackMsMax: LONG_MS, bufferedDelayMsMax: LONG_MS, bufferedRetryMsMax: LONG_MS };

const denied = (n: number): AuditRecord => sampleRecord(n, { outcome: "DENY" });
const buffered = (n: number): AuditRecord => sampleRecord(n, { durability: "buffered" });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The state of an append as seen from outside. */
function watch(appended: PromiseLike<void> | void): { state: string } {
  const watched = { state: appended === undefined ? "taken" : "waiting" };
  void Promise.resolve(appended).then(
    () => (watched.state = appended === undefined ? "taken" : "resolved"),
    (reason: { code: string }) => (watched.state = reason.code),
  );
  return watched;
}

describe("createRecordQueue", () => {
  it("resolves a durable append after its write, and not before", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    const append = watch(sink.append(sampleRecord(1)));
    await turn();
    expect(target.writes.map((write) => write.ids)).toEqual([["w/e/1"]]);
    expect(append.state).toBe("waiting");
    target.writes[0]?.succeed();
    await turn();
    expect(append.state).toBe("resolved");
  });

  it("writes what was appended in one turn together, and what came during a write in the next", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    for (const n of [1, 2]) void sink.append(sampleRecord(n));
    await turn();
    for (const n of [3, 4]) void sink.append(sampleRecord(n));
    void sink.append(buffered(5));
    await turn();
    expect(target.writes).toHaveLength(1);
    target.writes[0]?.succeed();
    await turn();
    expect(target.writes.map((write) => write.ids)).toEqual([
      ["w/e/1", "w/e/2"],
      ["w/e/3", "w/e/4", "w/e/5"],
    ]);
  });

  it("writes buffered records alone when their time is over or they fill a batch", async () => {
    const soon = createTarget();
    const next = soon.next();
    createRecordQueue(soon, { ...PATIENT, bufferedDelayMsMax: 1 }).append(buffered(1));
    expect((await next).ids).toEqual(["w/e/1"]);
    const many = createTarget();
    const sink = createRecordQueue(many, { ...PATIENT, batchCountMax: 2 });
    sink.append(buffered(1));
    await turn();
    expect(many.writes).toHaveLength(0);
    sink.append(buffered(2));
    await turn();
    expect(many.writes[0]?.ids).toEqual(["w/e/1", "w/e/2"]);
  });

  it("cuts batches at the bytes that the target takes", async () => {
    const target = createTarget();
    const bytes = Buffer.byteLength(`${JSON.stringify(sampleRecord(1))}\n`);
    target.set({ bytesMax: 2 * bytes });
    const sink = createRecordQueue(target, PATIENT);
    for (const n of [1, 2, 3]) void sink.append(sampleRecord(n));
    await turn();
    target.writes[0]?.succeed();
    await turn();
    expect(target.writes.map((write) => write.ids)).toEqual([["w/e/1", "w/e/2"], ["w/e/3"]]);
    await expect(
      Promise.resolve(sink.append(sampleRecord(4, { reason: "x".repeat(2 * bytes) }))),
    ).rejects.toMatchObject({
      code: "record.too_big",
    });
  });

  it("refuses the durable records of a failed write and writes its buffered ones again", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, bufferedDelayMsMax: 1 });
    expect(watch(sink.append(buffered(1))).state).toBe("taken");
    const durable = watch(sink.append(sampleRecord(2)));
    await turn();
    const again = target.next();
    target.writes[0]?.fail();
    await turn();
    expect(durable.state).toBe("sink.refused");
    const write = await again;
    expect(write.ids).toEqual(["w/e/1"]);
    write.succeed();
    await turn();
    expect(sink.counters()).toEqual({
      appendedCount: 1,
      batchCount: 1,
      refusedCount: 1,
      lostCount: 0,
      unacknowledgedCount: 0,
    });
  });

  it("makes buffered records wait as durable ones do once a write has failed, until one succeeds", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    void watch(sink.append(sampleRecord(1)));
    await turn();
    target.writes[0]?.fail();
    await turn();
    const waiting = watch(sink.append(buffered(2)));
    await turn();
    expect(waiting.state).toBe("waiting");
    target.writes[1]?.succeed();
    await turn();
    expect(waiting.state).toBe("resolved");
    expect(watch(sink.append(buffered(3))).state).toBe("taken");
  });

  it.each<[string, SinkLimits]>([
    ["count", { queueCountMax: 4 }],
    ["bytes", { queueBytesMax: 2 * JSON.stringify(buffered(1)).length + 2 * JSON.stringify(buffered(2)).length }],
  ])("makes buffered records wait once half of its %s is taken, before any is refused", async (_, limits) => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, ...limits });
    const states = [1, 2, 3].map((n) => watch(sink.append(buffered(n))));
    expect(states.map(({ state }) => state)).toEqual(["taken", "taken", "waiting"]);
    const write = await target.next();
    write.succeed();
    await turn();
    expect(states[2]?.state).toBe("resolved");
    expect(watch(sink.append(buffered(4))).state).toBe("taken");
  });

  it("takes the record of a refusal at once and writes it with those of releases", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    expect(watch(sink.append(denied(1))).state).toBe("taken");
    await turn();
    expect(target.writes[0]?.ids).toEqual(["w/e/1"]);
    expect(watch(sink.append(denied(2))).state).toBe("taken");
    target.writes[0]?.succeed();
    await turn();
    expect(target.writes[1]?.ids).toEqual(["w/e/2"]);
  });

  it("lets a flood of refusals wait, refuses them at three quarters, and takes releases still", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, queueCountMax: 8 });
    const refusals = Array.from({ length: 7 }, (_, n) => watch(sink.append(denied(n))));
    await turn();
    const states = refusals.map(({ state }) => state);
    expect(states.slice(0, 4)).toEqual(["taken", "taken", "taken", "taken"]);
    expect(states.slice(4)).toEqual(["waiting", "waiting", "sink.full"]);
    const releases = [10, 11, 12].map((n) => watch(sink.append(sampleRecord(n))));
    await turn();
    expect(releases.map(({ state }) => state)).toEqual(["waiting", "waiting", "sink.full"]);
  });

  it("writes the record of a refusal that is too big without its payload, and refuses that of a release", async () => {
    const target = createTarget();
    const payload = "A".repeat(2_000);
    target.set({ bytesMax: 2_000 });
    const sink = createRecordQueue(target, PATIENT);
    expect(watch(sink.append(sampleRecord(1, { outcome: "DENY", payload }))).state).toBe("taken");
    await turn();
    expect(target.writes[0]?.lines[0]).toMatchObject({
      record_id: "w/e/1",
      input: { message: { payload: null } },
      omitted: { payload: digestJson(payload) },
    });
    await expect(sink.append(sampleRecord(2, { payload }))).rejects.toMatchObject({ code: "record.too_big" });
    expect(sink.counters()).toMatchObject({ refusedCount: 1 });
  });

  it("counts buffered records as lost when they can't be written in time", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, bufferedRetryMsMax: 0 });
    sink.append(buffered(1));
    const flushed = watch(sink.flush());
    await turn();
    target.writes[0]?.fail();
    await turn();
    expect(flushed.state).toBe("sink.refused");
    expect(sink.counters()).toMatchObject({ lostCount: 1, unacknowledgedCount: 0 });
  });

  it("refuses everything while a write outlives its deadline, and goes on after it", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, ackMsMax: 20 });
    const first = sink.append(sampleRecord(1));
    await turn();
    const second = sink.append(sampleRecord(2));
    await expect(first).rejects.toMatchObject({ code: "sink.timeout" });
    await expect(second).rejects.toMatchObject({ code: "sink.timeout" });
    expect(target.writes).toHaveLength(1);
    await expect(Promise.resolve(sink.append(buffered(3)))).rejects.toMatchObject({ code: "sink.timeout" });
    await expect(sink.flush()).rejects.toMatchObject({ code: "sink.timeout" });
    target.writes[0]?.succeed();
    await turn();
    expect(target.writes).toHaveLength(1);
    expect(sink.counters()).toMatchObject({ appendedCount: 0, refusedCount: 3, unacknowledgedCount: 0 });
    const append = sink.append(sampleRecord(4));
    await turn();
    target.writes.at(-1)?.succeed();
    await expect(append).resolves.toBeUndefined();
  });

  it.each([
    ["count", { queueCountMax: 2 }],
    ["bytes", { queueBytesMax: 2 * Buffer.byteLength(`${JSON.stringify(sampleRecord(1))}\n`) + 1 }],
  ])("is full by %s, records under way included", async (_, limits) => {
    const target = createTarget();
    const sink = createRecordQueue(target, { ...PATIENT, ...limits });
    void sink.append(sampleRecord(1));
    await turn();
    void sink.append(sampleRecord(2));
    await expect(Promise.resolve(sink.append(sampleRecord(3)))).rejects.toMatchObject({ code: "sink.full" });
    expect(sink.counters()).toMatchObject({ unacknowledgedCount: 2, refusedCount: 1 });
    target.writes[0]?.succeed();
    await turn();
    expect(watch(sink.append(sampleRecord(3))).state).toBe("waiting");
  });

  it("refuses at once what its target can't take, buffered records too", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    target.set({ unavailable: "sink.away" });
    await expect(Promise.resolve(sink.append(sampleRecord(1)))).rejects.toMatchObject({ code: "sink.away" });
    await expect(Promise.resolve(sink.append(buffered(2)))).rejects.toMatchObject({ code: "sink.away" });
    expect(target.writes).toHaveLength(0);
  });

  it("drops what the target has stopped taking, and tells", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    sink.append(buffered(1));
    const durable = watch(sink.append(sampleRecord(2)));
    target.set({ bytesMax: 10 });
    await turn();
    expect(durable.state).toBe("record.too_big");
    expect(sink.counters()).toMatchObject({ lostCount: 1, refusedCount: 1, unacknowledgedCount: 0 });
  });

  it("leaves the event loop alone when its target takes nothing any more", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, { bufferedDelayMsMax: 1 });
    await sink.append(sampleRecord(1, { durability: "buffered" }));
    // What a closed connection tells: no room at all.
    target.set({ bytesMax: -1 });
    await sink.flush().catch(() => undefined);
    await turn();
    expect(sink.counters()).toMatchObject({ appendedCount: 0, lostCount: 1, unacknowledgedCount: 0 });
  });

  it("counts as lost at its close what can't be written", async () => {
    const target = createTarget();
    const sink = createRecordQueue(target, PATIENT);
    sink.append(buffered(1));
    const closed = sink.close();
    await turn();
    target.writes[0]?.fail();
    await closed;
    await sink.close();
    expect(sink.counters()).toMatchObject({ lostCount: 1, unacknowledgedCount: 0 });
  });

  it("resolves nothing that isn't stored and accounts for every record, however writes end", async () => {
    const stepArb = fc.constantFrom("durable", "buffered", "succeed", "fail", "turn");
    await fc.assert(
      fc.asyncProperty(fc.array(stepArb, { maxLength: 80 }), async (steps) => {
        const target = createTarget();
        const sink = createRecordQueue(target, { ...PATIENT, batchCountMax: 3, queueCountMax: 10 });
        const appends = await play({ target, sink, steps });
        const { appendedCount, lostCount, refusedCount, unacknowledgedCount } = sink.counters();
        expect(appendedCount + lostCount + refusedCount + unacknowledgedCount).toBe(appends.length);
        expect(appendedCount).toBe(target.stored.length);
        const idsIn = (isSuch: (state: string) => boolean): readonly string[] =>
          appends.flatMap(({ state }, n) => (isSuch(state) ? [`w/e/${n}`] : []));
        const stored = new Set(target.stored);
        expect(idsIn((state) => state === "resolved").filter((id) => !stored.has(id))).toEqual([]);
        expect(idsIn((state) => state.startsWith("sink.")).filter((id) => stored.has(id))).toEqual([]);
        expect(stored.size).toBe(target.stored.length);
      }),
    );
  });
});

interface Play {
  readonly target: ReturnType<typeof createTarget>;
  readonly sink: StoredRecordSink;
  readonly steps: readonly string[];
}

/** Plays the steps; at most one write is open at any time. */
async function play({ target, sink, steps }: Play): Promise<readonly { state: string }[]> {
  const appends: { state: string }[] = [];
  let ended = 0;
  for (const step of steps) {
    if (step === "durable") appends.push(watch(sink.append(sampleRecord(appends.length))));
    else if (step === "buffered") appends.push(watch(sink.append(buffered(appends.length))));
    else {
      await turn();
      const write = target.writes[ended];
      if (step === "turn" || write === undefined) continue;
      ended++;
      if (step === "succeed") write.succeed();
      else write.fail();
      await turn();
    }
    expect(target.writes.length - ended).toBeLessThanOrEqual(1);
  }
  await turn();
  return appends;
}
