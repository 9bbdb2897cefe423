import { describe, expect, it } from "vitest";
import { createRecorder } from "./recorder.ts";
import { createTime } from "./testing/fakes.ts";

const RECORD = { type: "lifecycle", event: "start", detail: "" } as const;

describe("createRecorder", () => {
  it.each([
    ["sink.full", false],
    ["record.too_big", true],
  ])("after %s its sink counts as healthy: %s", async (code, isHealthy) => {
    const time = createTime();
    const failure = Object.assign(new Error("no"), { code });
    const unrecorded: string[] = [];
    const recorder = createRecorder({
      policies: { current: () => undefined },
      clock: time,
      timers: time,
      records: { append: () => Promise.reject(failure) },
      origin: { writer: "w", epoch: 1 },
      onUnrecorded: ({ record_id: id }) => unrecorded.push(id),
    });
    const record = { ...recorder.head("c"), ...RECORD };
    await expect(Promise.resolve(recorder.append(record))).rejects.toThrow("couldn't be written");
    await recorder.attempt(record);
    expect(recorder.isHealthy()).toBe(isHealthy);
    expect(unrecorded).toEqual(["w/1/1"]);
  });
});
