import { Buffer } from "node:buffer";
import { beforeEach, describe, expect, it } from "vitest";
import type { StandingVerdict } from "./session-types.ts";
import { createUpstreamRun, type UpstreamRun } from "./upstream-run.ts";

describe("createUpstreamRun", () => {
  const chunk = Buffer.from("aabbccddee");
  const other = Buffer.from("AABBCCDDEE");
  let happened: string[];
  let run: UpstreamRun;
  beforeEach(() => {
    happened = [];
    run = createUpstreamRun((bytes) => void happened.push(`write ${Buffer.from(bytes).toString()}`));
  });

  const sent = (name: string) => (): void => void happened.push(`sent ${name}`);
  const standing = (name: string): StandingVerdict => ({
    isCurrent: () => true,
    account: (count, frames) => void happened.push(`account ${name} ${count} ${Buffer.from(frames).toString()}`),
  });
  const frame = (start: number, bytes = chunk) => ({ bytes, start, end: start + 2 });

  it("writes what lies side by side as one, and tells each once after it", () => {
    run.add(frame(0), sent("a"));
    run.add(frame(2), undefined);
    run.add(frame(4), sent("c"));
    run.flush();
    run.add(frame(6), sent("d"));
    run.flush();
    run.flush();
    expect(happened).toEqual(["write aabbcc", "sent a", "sent c", "write dd", "sent d"]);
  });

  it("writes apart what doesn't lie side by side: a gap, other bytes", () => {
    run.add(frame(0), undefined);
    run.add(frame(4), undefined);
    run.add(frame(6, other), undefined);
    run.add(frame(8), undefined);
    run.flush();
    expect(happened).toEqual(["write aa", "write cc", "write DD", "write ee"]);
  });

  it("accounts for a verdict's frames before they are written, each run of them once", () => {
    const [one, two] = [standing("one"), standing("two")];
    run.addStanding(frame(0), one, 1);
    run.addStanding(frame(2), one, 3);
    run.addStanding(frame(4), two, 1);
    run.add(frame(6), sent("d"));
    run.addStanding(frame(8), one, 1);
    run.flush();
    run.flush();
    expect(happened).toEqual([
      "account one 4 aabb",
      "account two 1 cc",
      "account one 1 ee",
      "write aabbccddee",
      "sent d",
    ]);
  });

  it("accounts apart for a verdict's frames that don't lie side by side", () => {
    const one = standing("one");
    run.addStanding(frame(0), one, 1);
    run.addStanding(frame(4), one, 1);
    run.addStanding(frame(6, other), one, 1);
    run.flush();
    expect(happened).toEqual([
      "account one 1 aa",
      "write aa",
      "account one 1 cc",
      "write cc",
      "account one 1 DD",
      "write DD",
    ]);
  });

  it("has nothing to write when it is empty", () => {
    run.flush();
    expect(happened).toEqual([]);
  });
});
