import type { AuditRecord } from "@cortexos/protocol";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createLogger } from "../logger.ts";
import { openRecords, type Records } from "./open-records.ts";

const FULL = "/dev/full";
const approval: AuditRecord = {
  schema: "cortexos.record/1",
  record_id: "w/1/1",
  at_ns: "1",
  origin: { writer: "w", connection: "" },
  type: "approval",
  hold_id: "h",
  verdict: "approve",
  by: "ada",
};

describe("openRecords, in a file", () => {
  let records: Records | undefined;
  const folder = mkdtempSync(join(tmpdir(), "cortexos-records-"));
  afterEach(async () => {
    vi.useRealTimers();
    await records?.close();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async (path: string): Promise<Records> => {
    const own = { first: new Promise<never>(() => undefined) };
    records = await openRecords(
      { kind: "file", path },
      { own: own as never, writer: "w", log: createLogger("silent") },
    );
    return records;
  };

  // Only Linux has a file that is always full.
  it.runIf(existsSync(FULL))(
    "aren't ready after a failed append, and again some time later: without readiness nothing comes that could show it",
    async () => {
      vi.useFakeTimers({ toFake: ["performance"] });
      const sink = await open(FULL);
      await expect(sink.append(approval)).rejects.toMatchObject({ code: "sink.refused" });
      expect(sink.state().ok).toBe(false);
      vi.advanceTimersByTime(5_001);
      expect(sink.state().ok).toBe(true);
    },
  );

  it("stay ready though one record is too big", async () => {
    const sink = await open(join(folder, "records.jsonl"));
    await expect(sink.append({ ...approval, by: "x".repeat(1_048_577) })).rejects.toMatchObject({
      code: "record.too_big",
    });
    expect(sink.state().ok).toBe(true);
  });
});
