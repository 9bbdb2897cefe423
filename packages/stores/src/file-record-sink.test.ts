import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTrailVerifier, readSeal, type BatchSeal, type TrailReport } from "@cortexos/audit";
import type { AuditRecord } from "@cortexos/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileRecordSink, openFileRecordSink, type AppendFile } from "./file-record-sink.ts";
import { describeRecordSink } from "./test/record-sink-suite.ts";
import { sampleRecord } from "./test/samples.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cortexos-records-"));
  path = join(folder, "records.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function verifyText(text: string): TrailReport {
  const verifier = createTrailVerifier();
  for (const line of text.split(/(?<=\n)/)) verifier.line(line);
  return verifier.finish();
}

const read = (): readonly AuditRecord[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && readSeal(line) === undefined)
    .map((line) => JSON.parse(line) as AuditRecord);

describeRecordSink("openFileRecordSink", async () => ({
  sink: await openFileRecordSink({ path }),
  stored: async () => read(),
}));

describe("openFileRecordSink", () => {
  it("makes a file that only its owner reads", async () => {
    await (await openFileRecordSink({ path })).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("appends to what is there, on a line of its own after a torn one", async () => {
    const first = await openFileRecordSink({ path });
    await first.append(sampleRecord(1));
    await first.close();
    appendFileSync(path, '{"schema":"cortexos.rec');
    const second = await openFileRecordSink({ path });
    await second.append(sampleRecord(2));
    await second.close();
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.map((line) => line.slice(0, 23))).toEqual([
      '{"schema":"cortexos.rec',
      '{"schema":"cortexos.sea',
      '{"schema":"cortexos.rec',
      '{"schema":"cortexos.rec',
      '{"schema":"cortexos.sea',
      "",
    ]);
    expect(JSON.parse(lines[3] ?? "")).toEqual(sampleRecord(2));
  });

  it("continues its writer's chain, however far back its end is", async () => {
    const seals: BatchSeal[] = [];
    const sealed = (seal: BatchSeal): void => void seals.push(seal);
    for (const n of [1, 2, 3]) {
      const sink = await openFileRecordSink({ path, writer: "w", sealed });
      await sink.append(sampleRecord(n));
      await sink.close();
      if (n === 2) appendFileSync(path, "x".repeat(2_500_000));
    }
    expect(seals.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(verifyText(readFileSync(path, "utf8"))).toMatchObject({
      integrity: "pass",
      completeness: "pass",
      counts: { batchCount: 3, unsealedCount: 1 },
    });
  });

  it("fails for a place that can't be written", async () => {
    await expect(openFileRecordSink({ path: join(folder, "no", "records") })).rejects.toMatchObject({
      code: "sink.away",
    });
  });
});

/** A file that does as the test says. */
function createFile(): AppendFile & {
  text: string;
  synced: string;
  failWrite?: string;
  failSync?: string;
  heldSync?: Promise<void>;
} {
  return {
    text: "",
    synced: "",
    async write(bytes) {
      if (this.failWrite !== undefined) {
        this.text += Buffer.from(bytes).toString().slice(0, 5);
        throw new Error(this.failWrite);
      }
      this.text += Buffer.from(bytes).toString();
    },
    async sync() {
      await this.heldSync;
      if (this.failSync !== undefined) throw new Error(this.failSync);
      this.synced = this.text;
    },
    close: () => Promise.resolve(),
  };
}

describe("createFileRecordSink", () => {
  it("resolves after the sync, not after the write", async () => {
    const file = createFile();
    let release = (): void => undefined;
    file.heldSync = new Promise((resolve) => (release = resolve));
    const sink = createFileRecordSink(file);
    let isResolved = false;
    const append = Promise.resolve(sink.append(sampleRecord(1))).then(() => (isResolved = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(file.text).not.toBe("");
    expect(isResolved).toBe(false);
    release();
    await append;
    expect(file.synced.split("\n")[0]).toBe(JSON.stringify(sampleRecord(1)));
  });

  it("recovers from a full disk on a line of its own", async () => {
    const file = createFile();
    const sink = createFileRecordSink(file);
    file.failWrite = "ENOSPC";
    await expect(Promise.resolve(sink.append(sampleRecord(1)))).rejects.toMatchObject({ code: "sink.refused" });
    delete file.failWrite;
    await sink.append(sampleRecord(2));
    expect(file.synced.split("\n").slice(0, 2)).toEqual(['{"sch', JSON.stringify(sampleRecord(2))]);
    expect(verifyText(file.synced)).toMatchObject({ integrity: "pass", completeness: "pass" });
  });

  it("believes no later sync once one has failed", async () => {
    const file = createFile();
    const sink = createFileRecordSink(file);
    file.failSync = "EIO";
    await expect(Promise.resolve(sink.append(sampleRecord(1)))).rejects.toMatchObject({ code: "sink.failed" });
    delete file.failSync;
    await expect(Promise.resolve(sink.append(sampleRecord(2)))).rejects.toMatchObject({ code: "sink.failed" });
  });
});
