import { Buffer } from "node:buffer";
import { expect, it, describe } from "vitest";
import { createSliceRun } from "./slice-run.ts";

describe("createSliceRun", () => {
  const bytes = Buffer.from("0123456789");

  it("takes what lies side by side as one slice, once", () => {
    const run = createSliceRun();
    expect(run.take()).toBeUndefined();
    run.add({ bytes, start: 2, end: 4 });
    run.add({ bytes, start: 4, end: 7 });
    expect(run.take()?.toString()).toBe("23456");
    expect(run.take()).toBeUndefined();
  });

  it("has as its next what begins where it ends, in the same bytes; anything when it is empty", () => {
    const run = createSliceRun();
    expect(run.isNext({ bytes, start: 5, end: 6 })).toBe(true);
    run.add({ bytes, start: 2, end: 4 });
    expect(run.isNext({ bytes, start: 4, end: 6 })).toBe(true);
    expect(run.isNext({ bytes, start: 5, end: 6 })).toBe(false);
    expect(run.isNext({ bytes: Buffer.from(bytes), start: 4, end: 6 })).toBe(false);
    run.take();
    expect(run.isNext({ bytes: Buffer.from(bytes), start: 0, end: 1 })).toBe(true);
  });
});
