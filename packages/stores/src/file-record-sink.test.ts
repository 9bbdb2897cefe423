import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const read = (): readonly AuditRecord[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
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
      '{"schema":"cortexos.rec',
      '{"schema":"cortexos.rec',
      "",
    ]);
    expect(JSON.parse(lines[2] ?? "")).toEqual(sampleRecord(2));
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
    expect(file.synced).toBe(`${JSON.stringify(sampleRecord(1))}\n`);
  });

  it("recovers from a full disk on a line of its own", async () => {
    const file = createFile();
    const sink = createFileRecordSink(file);
    file.failWrite = "ENOSPC";
    await expect(Promise.resolve(sink.append(sampleRecord(1)))).rejects.toMatchObject({ code: "sink.refused" });
    delete file.failWrite;
    await sink.append(sampleRecord(2));
    expect(file.synced).toBe(`{"sch\n${JSON.stringify(sampleRecord(2))}\n`);
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
