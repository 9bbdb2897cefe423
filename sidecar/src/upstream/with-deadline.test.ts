import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { withDeadline } from "./with-deadline.ts";

/** A task that ends with its signal alone. */
async function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    signal.addEventListener("abort", () => {
      fail(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    });
  });
}

describe("withDeadline", () => {
  it("gives what the task gives, and leaves nothing on the caller's signal", async () => {
    const caller = new AbortController();
    expect(await withDeadline(caller.signal, 60_000, async () => Promise.resolve(7))).toBe(7);
    await expect(withDeadline(caller.signal, 60_000, async () => Promise.reject(new Error("failed")))).rejects.toThrow(
      "failed",
    );
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });

  it("aborts the task after its time", async () => {
    await expect(withDeadline(new AbortController().signal, 1, untilAborted)).rejects.toThrow("timeout after 1 ms");
  });

  it("aborts the task with the caller's signal, and begins none for one that was aborted", async () => {
    const caller = new AbortController();
    const running = withDeadline(caller.signal, 60_000, untilAborted);
    caller.abort(new Error("the client is gone"));
    await expect(running).rejects.toThrow("the client is gone");
    let isBegun = false;
    const late = withDeadline(caller.signal, 60_000, async () => {
      isBegun = true;
      return Promise.resolve();
    });
    await expect(late).rejects.toThrow("the client is gone");
    expect(isBegun).toBe(false);
  });
});
