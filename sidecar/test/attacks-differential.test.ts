import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareStream, cutText } from "../fuzz/compare-stream.ts";
import { readCases, toFuzzCase, writeCase } from "../fuzz/fuzz-cases.ts";
import { startFuzzRig, type FuzzRig } from "../fuzz/fuzz-rig.ts";
import { fuzz, type FuzzReport } from "../fuzz/fuzz-run.ts";

/** `npm run fuzz:wire -- --seconds N --seed S` sets both; a plain run is bounded and the same every time. */
const { CORTEXOS_FUZZ_SECONDS: asked, CORTEXOS_FUZZ_SEED: askedSeed = "1" } = process.env;
const SEED = Number(askedSeed);
const BOUND =
  asked === undefined
    ? { countMax: 400, timeMsMax: 25_000 }
    : { countMax: Number.MAX_SAFE_INTEGER, timeMsMax: Number(asked) * 1_000 };

describe("a sidecar that allows everything, beside a direct connection", () => {
  let rig: FuzzRig;
  beforeAll(async () => {
    rig = await startFuzzRig();
  });
  afterAll(async () => {
    await rig.stop();
  });

  const cases = readCases().flatMap((kept) => kept.deciding.map((deciding) => ({ ...kept, deciding, kept })));

  it.each(cases)("differs only where it must be stricter: $name, decided $deciding", async ({ kept, deciding }) => {
    expect((await compareStream(rig, toFuzzCase(kept, deciding))).differences).toEqual([]);
  });

  it(
    "differs only where it must be stricter, whatever a client sends and however it is cut",
    async () => {
      const report = await fuzz(rig, { seed: SEED, ...BOUND, progress: tell });
      tell(report);
      expect(keep(report)).toBeUndefined();
      expect(report.streamCount).toBeGreaterThan(0);
    },
    BOUND.timeMsMax + 60_000,
  );

  function tell({ streamCount, strictness, serverAsStrictCount }: FuzzReport): void {
    const stricter = [...strictness].map(([code, count]) => `${code} ${count}`).sort();
    const summary = `${streamCount} streams with seed ${SEED}; at ${serverAsStrictCount} violations the server errs, too`;
    process.stderr.write(`${summary}; stricter: ${stricter.join(", ")}\n`);
  }

  /** A counterexample that was asked for becomes a case. */
  function keep({ counterexample }: FuzzReport): unknown {
    if (counterexample === undefined || asked === undefined) return counterexample;
    const { text, cuts, deciding } = counterexample.shrunk?.case ?? counterexample.case;
    const kept = { deciding: [deciding], chunks: cutText(text, cuts) };
    return { ...counterexample, kept: writeCase(`seed-${SEED}-${counterexample.index}`, kept) };
  }
});
