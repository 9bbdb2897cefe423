import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkHouseRules, checkPacks, openNativeOpa, testPacks } from "@cortexos/compiler";
import { buildPacks, readPacks } from "@cortexos/evals";
import { describe, expect, it } from "vitest";

const POLICIES = fileURLToPath(new URL("../../../policies", import.meta.url));
const PACKS = readdirSync(POLICIES).filter((name) => existsSync(join(POLICIES, name, "pack.json")));
const OPA = { env: process.env, from: [POLICIES] };
const MINUTES_MS = 60_000;

describe("all packs of this repository, those outside its own bundle among them", () => {
  it(
    "keep the house rules together and pass their tests, which run all of them",
    { timeout: 10 * MINUTES_MS },
    async () => {
      const opa = await openNativeOpa(OPA);
      const tree = readPacks(POLICIES, PACKS);
      const checked = await checkPacks(tree, opa);
      expect([...checked.diagnostics, ...checkHouseRules(tree, checked.modules)]).toEqual([]);
      const { coverage, results } = await testPacks(tree, opa, { coverage: true });
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
      expect(coverage.filter(({ percent }) => percent < 100)).toEqual([]);
    },
  );

  it("compile into one bundle that the engine opens", { timeout: 10 * MINUTES_MS }, async () => {
    const { ruleCount } = await buildPacks({ policies: POLICIES, packs: PACKS, opa: OPA });
    expect(ruleCount).toBeGreaterThanOrEqual(PACKS.length);
  });

  it("have a page for each rule", () => {
    const pages = PACKS.flatMap((pack) =>
      readdirSync(join(POLICIES, pack), { withFileTypes: true })
        .map((entry) => join(pack, entry.name))
        .filter((folder) => isThere(join(folder, `${basename(folder)}.rego`))),
    );
    const effects = /^(?:deny|require_human|throttle|modify|allow)\b/m;
    const lacking = pages.filter((folder) => {
      const rego = readFileSync(join(POLICIES, folder, `${basename(folder)}.rego`), "utf8");
      return effects.test(rego) && !isThere(join(folder, "README.md"));
    });
    expect(lacking).toEqual([]);
  });
});

function isThere(path: string): boolean {
  return existsSync(join(POLICIES, path));
}
