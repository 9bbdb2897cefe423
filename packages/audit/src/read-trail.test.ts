import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBatchSealer, sealLine } from "./batch-seal.ts";
import { createTrailReader, readRecord } from "./read-trail.ts";
import { sampleRecord } from "./testing/sample-record.ts";

const recordLine = (id: string): string => `${JSON.stringify(sampleRecord({}, { record_id: id }))}\n`;

describe("createTrailReader", () => {
  it("gives records with the seal of their batch, and without one what none covers", () => {
    const reader = createTrailReader();
    const sealer = createBatchSealer("w");
    const batch = [recordLine("w/1/2"), recordLine("w/1/3")];
    const seal = sealer.seal(Buffer.from(batch.join("")), 2);
    const found = [
      recordLine("w/1/1"),
      '{"schema":"cortexos.rec\n',
      ...batch,
      sealLine(seal),
      recordLine("w/1/4"),
    ].flatMap((line) => reader.line(line));
    expect([...found, ...reader.end()].map(({ record, seal: of }) => [record.record_id, of?.seq])).toEqual([
      ["w/1/1", undefined],
      ["w/1/2", 0],
      ["w/1/3", 0],
      ["w/1/4", undefined],
    ]);
  });
});

describe("readRecord", () => {
  it("never throws, and takes nothing that no view could show", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record({
              schema: fc.constant("cortexos.record/1"),
              type: fc.constant("decision"),
              at_ns: fc.string(),
              record_id: fc.string(),
            })
            .map((value) => JSON.stringify(value)),
        ),
        (line) => {
          expect(readRecord(line)).toBeUndefined();
        },
      ),
    );
    expect(readRecord(recordLine("w/1/1").trimEnd())).toEqual(sampleRecord({}, { record_id: "w/1/1" }));
  });
});
