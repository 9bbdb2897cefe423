import { describe, expect, it } from "vitest";
import { benchResultName, splitBenchOutput } from "./bench-output.mjs";

describe("benchResultName", () => {
  it.each([
    ["packages/wire/bench/parse.bench.mjs", "wire-parse.json"],
    ["packages/kernel/bench/kernel.mjs", "kernel-kernel.json"],
    ["sidecar/bench/gate.bench.mjs", "sidecar-gate.json"],
  ])("keeps %s as %s", (file, name) => {
    expect(benchResultName(file)).toBe(name);
  });
});

describe("splitBenchOutput", () => {
  it("takes lines that are JSON objects for results and keeps the rest", () => {
    const stdout = 'a 1 µs\n{"a":1}\n\n{not json}\n42\n{"b":2}\n';
    expect(splitBenchOutput(stdout)).toEqual({
      results: [{ a: 1 }, { b: 2 }],
      printed: ["a 1 µs", "{not json}", "42"],
    });
  });
});
