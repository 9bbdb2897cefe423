import { readPackTree, testPacks } from "@cortexos/compiler";
import { describe, expect, it } from "vitest";
import { openOpa, writePack } from "./pack-folder.ts";

const opa = await openOpa();
const RULE =
  'package cortexos.rules.p.r\n\ndeny contains "x" if input.message.payload.x == 1\n\ndeny contains "y" if input.message.payload.x == 2\n';
const test = (body: string): string => `package cortexos.rules.p.r_test\n\nimport data.cortexos.rules.p.r\n\n${body}\n`;
const FIRES = 'test_fires if r.deny == {"x"} with input as {"message": {"payload": {"x": 1}}}';
const FIRES_TOO = 'test_fires_too if r.deny == {"y"} with input as {"message": {"payload": {"x": 2}}}';

describe("testPacks", () => {
  it("reports what failed, with its place", async () => {
    const root = writePack({
      "r/r.rego": RULE,
      "r/r_test.rego": test(
        `${FIRES}\n\ntest_wrong if r.deny == {"z"} with input as {"message": {"payload": {"x": 1}}}`,
      ),
    });
    const { results, coverage } = await testPacks(readPackTree(root), opa, { coverage: true });
    expect(results.map(({ name, passed, file, row }) => [name, passed, file, row])).toEqual([
      ["cortexos.rules.p.r_test.test_fires", true, "p/r/r_test.rego", 5],
      ["cortexos.rules.p.r_test.test_wrong", false, "p/r/r_test.rego", 7],
    ]);
    expect(coverage).toEqual([]);
  });

  it("measures what of each rule ran, tests apart", async () => {
    const covered = async (body: string): Promise<unknown> => {
      const root = writePack({ "r/r.rego": RULE, "r/r_test.rego": test(body) });
      return (await testPacks(readPackTree(root), opa, { coverage: true })).coverage;
    };
    expect(await covered(`${FIRES}\n\n${FIRES_TOO}`)).toEqual([{ file: "p/r/r.rego", percent: 100, missed: [] }]);
    expect(await covered(FIRES)).toMatchObject([{ file: "p/r/r.rego", missed: [{ fromRow: 5, toRow: 5 }] }]);
  });

  it("runs only the tests that are asked for", async () => {
    const root = writePack({ "r/r.rego": RULE, "r/r_test.rego": test(`${FIRES}\n\n${FIRES_TOO}`) });
    const { results } = await testPacks(readPackTree(root), opa, { coverage: false, pattern: "fires_too" });
    expect(results.map(({ name }) => name)).toEqual(["cortexos.rules.p.r_test.test_fires_too"]);
  });

  it("runs the tests of v0 packs", async () => {
    const rule = 'package cortexos.rules.p.r\n\ndeny[m] { input.message.payload.x == 1; m := "x" }\n';
    const tests =
      'package cortexos.rules.p.r_test\n\nimport data.cortexos.rules.p.r\n\ntest_fires { r.deny == {"x"} with input as {"message": {"payload": {"x": 1}}} }\n';
    const { results } = await testPacks(readPackTree(writePack({ "r/r.rego": rule, "r/r_test.rego": tests }, 0)), opa, {
      coverage: false,
    });
    expect(results).toMatchObject([{ passed: true }]);
  });

  it("refuses a tree that doesn't compile", async () => {
    const root = writePack({ "r/r.rego": "package cortexos.rules.p.r\n\ndeny := 1\n" });
    await expect(testPacks(readPackTree(root), opa, { coverage: false })).rejects.toMatchObject({
      code: "compiler.rego",
    });
  });
});
