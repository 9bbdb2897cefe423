import {
  createCheckpointSigner,
  createTrailVerifier,
  readCheckpoint,
  readCheckpointKey,
  splitCheckpoints,
  type BatchSeal,
} from "@cortexos/audit";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCheckpointKeeper, type CheckpointPlace } from "./checkpoint-keeper.ts";
import { openCheckpointFile } from "./checkpoint-places.ts";
import { openFileRecordSink } from "./file-record-sink.ts";
import { sampleRecord } from "./test/samples.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signer = createCheckpointSigner(privateKey.export({ format: "pem", type: "pkcs8" }).toString(), "ops");
const key = readCheckpointKey(publicKey.export({ format: "pem", type: "spki" }).toString(), "ops");
const sealOf = (seq: number, epoch = 1): BatchSeal => {
  const hash = `sha256:${String(seq).padStart(64, "0")}`;
  return { schema: "cortexos.seal/1", writer: "w", epoch, seq, count: 0, prev: "", hash };
};
const nowNs = (): bigint => 17n;

function createPlace(): CheckpointPlace & { readonly notes: string[]; fails: boolean } {
  const notes: string[] = [];
  return {
    notes,
    fails: false,
    write(note) {
      if (this.fails) return Promise.reject(new Error("no"));
      notes.push(note);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("createCheckpointKeeper", () => {
  it("covers so many batches at once, what is left at its close, and each epoch by itself", async () => {
    const place = createPlace();
    const keeper = createCheckpointKeeper({ signer, place, nowNs, batchCountMax: 2 });
    keeper.sealed(sealOf(0));
    expect(keeper.uncoveredCount()).toBe(1);
    keeper.sealed(sealOf(1));
    await turn();
    expect(keeper.uncoveredCount()).toBe(0);
    keeper.sealed(sealOf(0, 2));
    await keeper.close();
    expect(place.notes.map(readCheckpoint)).toMatchObject([
      { writer: "w", epoch: 1, size: 2, atNs: "17" },
      { writer: "w", epoch: 2, size: 1 },
    ]);
  });

  it("tells of what can't be written and covers it with the next", async () => {
    const place = createPlace();
    const faults: unknown[] = [];
    const keeper = createCheckpointKeeper({
      signer,
      place,
      nowNs,
      batchCountMax: 1,
      onFault: (cause) => faults.push(cause),
    });
    place.fails = true;
    keeper.sealed(sealOf(0));
    await turn();
    expect(faults).toHaveLength(1);
    place.fails = false;
    keeper.sealed(sealOf(1));
    await turn();
    expect(place.notes.map(readCheckpoint)).toMatchObject([{ size: 2 }]);
    await keeper.close();
  });

  it("writes no note for batches that one covers already", async () => {
    const place = createPlace();
    const keeper = createCheckpointKeeper({ signer, place, nowNs, batchCountMax: 1 });
    keeper.sealed(sealOf(0));
    await keeper.close();
    expect(place.notes).toHaveLength(1);
  });
});

describe("a file of records with checkpoints in another", () => {
  let folder = "";
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "cortexos-checkpoints-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("passes in all four, over a restart", async () => {
    const path = join(folder, "records.jsonl");
    const notes = join(folder, "checkpoints.txt");
    for (const n of [1, 2]) {
      const keeper = createCheckpointKeeper({ signer, place: await openCheckpointFile(notes), nowNs });
      const sink = await openFileRecordSink({ path, writer: "host.1", sealed: keeper.sealed });
      await sink.append(sampleRecord(n));
      await sink.append(sampleRecord(n + 10));
      await sink.close();
      await keeper.close();
    }
    const verifier = createTrailVerifier([key]);
    for (const line of readFileSync(path, "utf8").split(/(?<=\n)/)) verifier.line(line);
    for (const note of splitCheckpoints(readFileSync(notes, "utf8"))) verifier.checkpoint(readCheckpoint(note));
    expect(verifier.finish()).toMatchObject({
      integrity: "pass",
      completeness: "pass",
      signer: "pass",
      anchors: "pass",
      counts: { unanchoredCount: 0, batchCount: 4, checkpointCount: 2 },
    });
  });
});
