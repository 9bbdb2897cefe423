import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCheckpoint, readCheckpointKey } from "./checkpoint.ts";
import { createBatchSealer, sealLine, type BatchSealer } from "./batch-seal.ts";
import { sampleTrail, signingKeys } from "./testing/sample-trail.ts";
import { createTrailVerifier, type TrailReport, type TrailVerifier } from "./trail-verifier.ts";

const keys = signingKeys();
const believed = [readCheckpointKey(keys.publicKeyPem, "ops")];
const TRAIL = sampleTrail([[1, 2], [3, 1, 1], [2]], keys);

function verify(batches: readonly (readonly string[])[], notes: readonly string[] = [], by = believed): TrailReport {
  return finish(createTrailVerifier(by), batches, notes);
}

function finish(
  verifier: TrailVerifier,
  batches: readonly (readonly string[])[],
  notes: readonly string[],
): TrailReport {
  for (const line of batches.flat()) verifier.line(line);
  for (const note of notes) verifier.checkpoint(readCheckpoint(note));
  return verifier.finish();
}

const PASSES = {
  integrity: "pass",
  completeness: "pass",
  signer: "pass",
  anchors: "pass",
  approvals: "pass",
  faults: [],
};

describe("createTrailVerifier", () => {
  it("passes a trail over restarts with its checkpoints", () => {
    expect(verify(TRAIL.batches, TRAIL.notes)).toEqual({
      ...PASSES,
      counts: {
        recordCount: 10,
        batchCount: 6,
        checkpointCount: 3,
        unsealedCount: 0,
        unanchoredCount: 0,
        unacknowledgedCount: 0,
        omittedCount: 0,
      },
    });
  });

  it("says what nothing shows: signer and anchors without checkpoints, the signer without keys", () => {
    expect(verify(TRAIL.batches)).toMatchObject({
      ...PASSES,
      signer: "unconfirmed",
      anchors: "unconfirmed",
      counts: { unanchoredCount: 6 },
    });
    expect(verify(TRAIL.batches, TRAIL.notes, [])).toMatchObject({ ...PASSES, signer: "unconfirmed" });
    expect(verify([])).toMatchObject({ integrity: "unconfirmed", completeness: "unconfirmed" });
  });

  it("takes writers apart, however their batches are mixed, and the same batch twice", () => {
    const other = sampleTrail([[1], [1, 1]], keys, "v.2");
    const mixed = [
      ...TRAIL.batches.flatMap((batch, i) => [batch, ...other.batches.slice(i, i + 1)]),
      ...TRAIL.batches.slice(0, 1),
    ];
    expect(verify(mixed, [...TRAIL.notes, ...other.notes])).toMatchObject(PASSES);
  });

  it("finds every change of a line, whatever it is", () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(5), fc.nat(20), fc.nat(200), fc.integer({ min: 33, max: 126 })), (change) => {
        const [batch, line, at, code] = change;
        const batches = TRAIL.batches.map((lines) => [...lines]);
        const lines = batches[batch] ?? [];
        const old = lines[line % lines.length] ?? "";
        const place = at % (old.length - 1);
        const changed = old.slice(0, place) + String.fromCharCode(code) + old.slice(place + 1);
        fc.pre(changed !== old);
        lines[line % lines.length] = changed;
        const { completeness, faults, integrity } = verify(batches, TRAIL.notes);
        expect([integrity, completeness]).toContain("fail");
        expect(faults).not.toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, number]>([
    ["in the middle of an epoch", 3],
    ["at the beginning of one", 2],
    ["at the end of one that was followed", 1],
    ["at the very beginning", 0],
  ])("finds a batch that is missing %s", (_where, at) => {
    const without = TRAIL.batches.filter((_, i) => i !== at);
    expect(verify(without)).toMatchObject({ completeness: "fail" });
    expect(verify(without, TRAIL.notes)).toMatchObject({ completeness: "fail" });
  });

  it("takes a trail whose beginning is gone, where that is said, and finds a gap in it all the same", () => {
    const partial = (batches: readonly (readonly string[])[]): TrailReport =>
      finish(createTrailVerifier(believed, { isPartial: true }), batches, TRAIL.notes);
    for (const from of [1, 2, 3, 5]) {
      expect(verify(TRAIL.batches.slice(from), TRAIL.notes)).toMatchObject({ completeness: "fail" });
      expect(partial(TRAIL.batches.slice(from))).toMatchObject({ integrity: "pass", completeness: "pass", faults: [] });
    }
    expect(partial([...TRAIL.batches.slice(1, 3), ...TRAIL.batches.slice(4)])).toMatchObject({ completeness: "fail" });
    expect(partial(TRAIL.batches.slice(1, 5))).toMatchObject({ completeness: "fail" });
  });

  it("finds a tail that was cut off by the checkpoint that knew it", () => {
    const cut = TRAIL.batches.slice(0, -1);
    expect(verify(cut)).toMatchObject({ integrity: "pass", completeness: "pass" });
    expect(verify(cut, TRAIL.notes)).toMatchObject({ integrity: "pass", completeness: "fail" });
  });

  it("finds a whole history that was written anew", () => {
    const forged = sampleTrail([[1, 2], [3, 2, 1], [2]], keys);
    expect(verify(forged.batches)).toMatchObject({ integrity: "pass" });
    expect(verify(forged.batches, TRAIL.notes)).toMatchObject({ integrity: "pass", anchors: "fail" });
  });

  it("finds two histories of one writer", () => {
    const fork = sampleTrail([[2]], keys);
    expect(verify([...TRAIL.batches, ...fork.batches])).toMatchObject({ integrity: "fail" });
  });

  it("believes no checkpoint that somebody else signed, and anchors nothing on it", () => {
    const stranger = sampleTrail([[1, 2], [3, 1, 1], [2]], signingKeys());
    expect(verify(TRAIL.batches, stranger.notes)).toMatchObject({ signer: "fail", anchors: "unconfirmed" });
    expect(verify(TRAIL.batches, ["junk"])).toMatchObject({ signer: "fail" });
  });

  it("counts batches that were stored and not acknowledged", () => {
    const sealer = createBatchSealer("w");
    const batchOf = (by: BatchSealer, isKnown: boolean): readonly string[] => {
      const seal = by.seal(Buffer.from("{}\n"), 1);
      if (isKnown) by.accept(seal);
      return ["{}\n", sealLine(seal)];
    };
    const first = batchOf(sealer, true);
    const doubtful = batchOf(sealer, false);
    const next = sealer.renew();
    const never = next.renew();
    const trail = [first, doubtful, batchOf(never, true), batchOf(never, true)];
    expect(verify(trail)).toMatchObject({
      integrity: "pass",
      completeness: "pass",
      counts: { unacknowledgedCount: 1 },
    });
  });

  it("counts lines that no seal covers", () => {
    const [first = [], ...rest] = TRAIL.batches;
    const torn = [[...first.slice(0, -1), '{"schema":"cor\n'], first, ...rest, ["{}\n"]];
    expect(verify(torn)).toMatchObject({ integrity: "pass", counts: { recordCount: 10, unsealedCount: 3 } });
  });
});
