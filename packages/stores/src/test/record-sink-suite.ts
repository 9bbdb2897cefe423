import type { AuditRecord } from "@cortexos/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StoredRecordSink } from "../stored-record-sink.ts";
import { sampleRecord } from "./samples.ts";

/** A sink under test and what is in its target, read past the sink. */
export interface SinkSubject {
  readonly sink: StoredRecordSink;
  readonly stored: () => Promise<readonly AuditRecord[]>;
}

/** What every record sink does. */
export function describeRecordSink(name: string, create: () => Promise<SinkSubject>): void {
  describe(`${name}`, () => {
    const open = async (): Promise<SinkSubject> => {
      const subject = await create();
      onTestFinished(() => subject.sink.close());
      return subject;
    };
    const ids = async (subject: SinkSubject): Promise<readonly string[]> =>
      (await subject.stored()).map((record) => record.record_id);

    it("has a durable record in its target when append resolves", async () => {
      const subject = await open();
      const record = sampleRecord(1, { reason: 'quotes " and\nlines, 😀 and \ud800' });
      await subject.sink.append(record);
      expect(await subject.stored()).toEqual([record]);
    });

    it("keeps the order, and every record once", async () => {
      const subject = await open();
      const numbers = Array.from({ length: 500 }, (_, i) => i);
      await Promise.all(
        numbers.map(async (n) =>
          subject.sink.append(sampleRecord(n, { durability: n % 3 === 0 ? "buffered" : "durable" })),
        ),
      );
      await subject.sink.flush();
      expect(await ids(subject)).toEqual(numbers.map((n) => `w/e/${n}`));
      expect(subject.sink.counters()).toMatchObject({
        appendedCount: 500,
        unacknowledgedCount: 0,
        lostCount: 0,
        refusedCount: 0,
      });
    });

    it("takes a buffered record at once and has it after a flush", async () => {
      const subject = await open();
      expect(subject.sink.append(sampleRecord(1, { durability: "buffered" }))).toBeUndefined();
      await subject.sink.flush();
      expect(await ids(subject)).toEqual(["w/e/1"]);
    });

    it("has everything that was taken when it is closed, and takes no more", async () => {
      const subject = await open();
      void subject.sink.append(sampleRecord(1, { durability: "buffered" }));
      await subject.sink.close();
      expect(await ids(subject)).toEqual(["w/e/1"]);
      const append = async (): Promise<void> => subject.sink.append(sampleRecord(2));
      await expect(append()).rejects.toMatchObject({ code: "sink.closed" });
      expect(subject.sink.counters()).toMatchObject({ appendedCount: 1, refusedCount: 1, lostCount: 0 });
    });
  });
}
