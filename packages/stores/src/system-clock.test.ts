import { describe, expect, it } from "vitest";
import { createSystemClock, systemTimers } from "./system-clock.ts";

describe("createSystemClock", () => {
  it("never gives a time twice and stays near the wall clock", () => {
    const clock = createSystemClock();
    const times = Array.from({ length: 1_000 }, () => clock.nowNs());
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? time))).toBe(true);
    expect(Math.abs(Number((times[0] ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });
});

describe("systemTimers", () => {
  it("rejects with the signal's reason when told to stop", async () => {
    const over = new AbortController();
    const slept = systemTimers.sleep(1e12, over.signal);
    over.abort(new Error("enough"));
    await expect(slept).rejects.toMatchObject({ cause: new Error("enough") });
  });
});
