import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCortexos } from "@cortexos/cli";
import { createPolicy, openBundle } from "@cortexos/engine";
import { decideInput, prepareInput } from "@cortexos/kernel";
import { canonicalJson, type Caller, type DecisionRecord, type Input, type StoreAnswers } from "@cortexos/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cortexos-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Run> {
  const texts = { out: "", error: "" };
  const code = await runCortexos(args, {
    cwd: folder,
    environment: { OPA: join(REPOSITORY, ".tools", "bin", "opa"), ...environment },
    nowNs: () => 1_000n,
    out: (text) => void (texts.out += text),
    error: (text) => void (texts.error += text),
  });
  return { code, ...texts };
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const caller: Caller = {
  principal: { id: "agent-7", kind: "agent", roles: ["AGENT"], tenant: "acme", authenticated_by: "config" },
  environment: "dev",
  labels: {},
  source: "sidecar",
  session: { id: "s", declared: {} },
};

const NOW_NS = "1767225600000000000";

function inputOf(subject: string, payload: object): Input {
  const message = { subject, reply: "", headers: [], payload: Buffer.from(JSON.stringify(payload)) };
  const policy = createPolicy(
    openBundle(readFileSync(join(folder, "plain.tar.gz")), { unsigned: "accept", nowNs: 1n }),
  );
  return prepareInput(message, caller, { policy, budgetState: {}, nowNs: NOW_NS }).input;
}

function recordOf(input: Input, answers: StoreAnswers = { throttles: [], budgets: [] }): DecisionRecord {
  const policy = createPolicy(
    openBundle(readFileSync(join(folder, "plain.tar.gz")), { unsigned: "accept", nowNs: 1n }),
  );
  return {
    schema: "cortexos.record/1",
    record_id: "w/1/1",
    at_ns: NOW_NS,
    origin: { writer: "w", connection: "s" },
    type: "decision",
    decision: decideInput(input, policy, { answers }),
    input,
    answers,
    took_ns: 1,
    frame_sha256: "",
    durability: "durable",
  };
}

const FRAME_SHA256 = `sha256:${"0".repeat(64)}`;
const burst = { tool: "search_hotels", args: { city: "Paris" } };
const throttled: StoreAnswers = {
  throttles: [{ key: "tool:search_hotels:agent-7", admitted: false, retry_after_ms: 1200, remaining: 0 }],
  budgets: [],
};

beforeAll(async () => {
  cpSync(join(REPOSITORY, "policies"), join(folder, "policies"), { recursive: true });
  await prepare(["keys", "generate", "--private", "key.pem", "--public", "key.pub"]);
  await prepare(["policy", "build", "policies", "--out", "plain.tar.gz"]);
  await prepare(["policy", "build", "policies", "--out", "signed.tar.gz", "--key", "key.pem"]);
});

async function prepare(args: readonly string[]): Promise<void> {
  const { code, error } = await run(args);
  if (code !== 0) throw new Error(error);
}

describe("cortexos keys generate", () => {
  it("keeps the private key to its user, and never overwrites one", async () => {
    expect(statSync(join(folder, "key.pem")).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, "key.pem"), "utf8");
    const again = await run(["keys", "generate", "--private", "key.pem", "--public", "other.pub"]);
    expect(again).toMatchObject({
      code: 1,
      error: "cortexos keys generate: `key.pem` can't be written: it is there already\n",
    });
    expect(readFileSync(join(folder, "key.pem"), "utf8")).toBe(before);
  });
});

describe("cortexos policy build", () => {
  it("writes the same bytes again, and says what it wrote", async () => {
    const built = await run(["policy", "build", "--out", "again.tar.gz", "--key", "key.pem", "--json"]);
    expect(built.code).toBe(0);
    expect(JSON.parse(built.out)).toMatchObject({
      ok: true,
      out: "again.tar.gz",
      revision: 1,
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(readFileSync(join(folder, "again.tar.gz")).equals(readFileSync(join(folder, "signed.tar.gz")))).toBe(true);
  });

  it("leaves the old bundle in place when the packs are broken, and shows each place", async () => {
    cpSync(join(folder, "policies"), join(folder, "broken"), { recursive: true });
    write("broken/rbac/grant/grant.rego", "package cortexos.rules.rbac.grant\n\nallow contains\n");
    write("out.tar.gz", "old");
    const built = await run(["policy", "build", "broken", "--out", "out.tar.gz"]);
    expect(built).toMatchObject({ code: 1, out: "" });
    expect(built.error).toMatch(/^broken\/rbac\/grant\/grant\.rego:\d+:\d+: [^\n]+\n/);
    expect(built.error).toMatch(/cortexos policy build: \d errors?\n$/);
    expect(readFileSync(join(folder, "out.tar.gz"), "utf8")).toBe("old");
    const json = await run(["policy", "build", "broken", "--out", "out.tar.gz", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      code: "compiler.rego",
      diagnostics: [{ file: "broken/rbac/grant/grant.rego" }, {}],
    });
  });

  it.each([
    ["a folder that isn't there", ["gone", "--out", "x"], "is no folder"],
    [
      "a key that isn't there",
      ["policies", "--out", "x", "--key", "gone.pem"],
      "the signing key `gone.pem`: there is no such file",
    ],
    [
      "a public key to sign with",
      ["policies", "--out", "x", "--key", "key.pub"],
      "the signing key `key.pub`: no private key in PEM",
    ],
    ["a file in the way of the output's folder", ["policies", "--out", "key.pem/x"], "can't be written"],
  ])("exits 1 with one line for %s", async (_, args, message) => {
    const built = await run(["policy", "build", ...args]);
    expect(built).toMatchObject({ code: 1, out: "" });
    expect(built.error).toMatch(/^cortexos policy build: [^\n]+\n$/);
    expect(built.error).toContain(message);
    expect(existsSync(join(folder, "x"))).toBe(false);
  });

  it("writes no bundle that the engine can't answer exactly, and names the built-in", async () => {
    for (const name of ["own", "own/p", "own/p/r"]) mkdirSync(join(folder, name));
    write("own/bundle.json", '{"revision": 1}');
    write("own/p/pack.json", '{"name": "p", "version": "1.0.0", "title": "P"}');
    write(
      "own/p/r/r.rego",
      'package cortexos.rules.p.r\n\ndeny contains "x" if rego.parse_module("x", input.message.subject)\n',
    );
    const built = await run(["policy", "build", "own", "--out", "own.tar.gz"]);
    expect(built).toMatchObject({ code: 1, error: expect.stringContaining("rego.parse_module") });
    expect(existsSync(join(folder, "own.tar.gz"))).toBe(false);
  });

  it("says how to get OPA where it isn't there", async () => {
    const built = await run(["policy", "build", "--out", "x"], { OPA: undefined, PATH: "" });
    expect(built).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^cortexos policy build: OPA is not there: install opa 1\.x [^\n]+\n$/),
    });
    const other = await run(["policy", "build", "--out", "x"], { OPA: process.execPath });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining("does not tell its version as OPA does") });
  });
});

describe("cortexos policy check", () => {
  it("misses the package only in a file that is part of a pack", async () => {
    const rule = 'deny contains "x" if input.message.subject == "a"\n';
    write("loose.rego", rule);
    expect(await run(["policy", "check", "loose.rego"])).toMatchObject({ code: 0, error: "" });
    write("policies/demo/loose.rego", rule);
    const checked = await run(["policy", "check", "policies/demo/loose.rego"]);
    rmSync(join(folder, "policies/demo/loose.rego"));
    expect(checked).toMatchObject({ code: 1, error: expect.stringContaining("no `package` line") });
  });

  it("is content with the repository's packs", async () => {
    expect(await run(["policy", "check"])).toEqual({ code: 0, out: "policies: no errors\n", error: "" });
  });

  it("points at the specification's rule as printed, and prints the mended form", async () => {
    write(
      "printed.rego",
      'deny[msg] {\n    input.job_meta.environment == "prod"\n    not input.principal.roles[_] == "SRE_LEAD"\n    msg = "Non-SRE attempted prod action"\n}\n',
    );
    const checked = await run(["policy", "check", "printed.rego"]);
    expect(checked.code).toBe(1);
    expect(checked.error).toContain(
      'printed.rego:3:5: in `not input.principal.roles[_] == "SRE_LEAD"`, `_` is searched under `not`',
    );
    expect(checked.error).toContain(
      '    roles_has_sre_lead {\n        input.principal.roles[_] == "SRE_LEAD"\n    }\n',
    );
  });

  it("checks a file of a tree against the tree's schema and its pack's Rego version", async () => {
    write(
      "policies/spec/prod_sre_lead/try.rego",
      'package x\n\ndeny[m] { input.principal.rolls[_] == "A"; m := "x" }\n',
    );
    const checked = await run(["policy", "check", "policies/spec/prod_sre_lead/try.rego"]);
    rmSync(join(folder, "policies/spec/prod_sre_lead/try.rego"));
    expect(checked).toMatchObject({
      code: 1,
      error: expect.stringContaining("try.rego:3:11: undefined ref: input.principal.rolls[_]; there are"),
    });
  });
});

describe("cortexos policy test", () => {
  it("passes with all of every rule covered", async () => {
    const tested = await run(["policy", "test", "--threshold", "100"]);
    expect(tested).toMatchObject({ code: 0, error: "" });
    expect(tested.out).toMatch(/^coverage: \d+ files, lowest 100 %\n\d+ passed, 0 failed\n$/);
  });

  it("fails on a failed test, with its place, and on a rule that isn't covered", async () => {
    cpSync(join(folder, "policies"), join(folder, "weak"), { recursive: true });
    const test = "weak/demo/protected_tools/protected_tools_test.rego";
    write(
      test,
      readFileSync(join(folder, test), "utf8").replace(
        '"delete_files"}, "want": set()',
        '"delete_files"}, "want": {"x"}',
      ),
    );
    const failed = await run(["policy", "test", "weak", "--coverage"]);
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(
      /✗ cortexos\.rules\.demo\.protected_tools_test\.test_cases > begins alike \(weak\/demo\/.+_test\.rego:\d+\)\n/,
    );
    expect(failed.out).toMatch(/\d+ passed, 1 failed\n$/);
    write(test, "package cortexos.rules.demo.protected_tools_test\n\ntest_nothing if true\n");
    const uncovered = await run(["policy", "test", "weak", "--threshold", "100"]);
    expect(uncovered.code).toBe(1);
    expect(uncovered.out).toMatch(/✗ 0 % weak\/demo\/protected_tools\/protected_tools\.rego, never ran: /);
  });

  it("fails when no test ran", async () => {
    const none = await run(["policy", "test", "--run", "nothing_is_named_so"]);
    expect(none).toMatchObject({ code: 1, error: "cortexos policy test: no tests ran in policies\n" });
  });
});

describe("cortexos policy eval", () => {
  it("decides an input to the bytes that the gate decides", async () => {
    const input = inputOf("agent.a.tool.send_money", { tool: "send_money", args: { amount: 4800 } });
    write("input.json", JSON.stringify(input, undefined, 2));
    const { decision } = recordOf(input);
    expect(decision.outcome).toBe("REQUIRE_HUMAN");
    expect(await run(["policy", "eval", "--bundle", "plain.tar.gz", "input.json"])).toEqual({
      code: 0,
      out: `${canonicalJson({ ...decision })}\n`,
      error: "",
    });
    // The digest leaves the signature out, so a signed bundle decides alike.
    const signed = await run(["policy", "eval", "--bundle", "signed.tar.gz", "--key", "key.pub", "input.json"]);
    expect(signed.out).toBe(`${canonicalJson({ ...decision })}\n`);
  });

  it("decides a record's input with what the stores answered then", async () => {
    const record = recordOf(inputOf("agent.a.tool.search_hotels", burst), throttled);
    expect(record.decision.outcome).toBe("THROTTLE");
    write("record.json", JSON.stringify(record));
    const evaluated = await run(["policy", "eval", "--bundle", "plain.tar.gz", "record.json"]);
    expect(evaluated.out).toBe(`${canonicalJson({ ...record.decision })}\n`);
  });

  it("shows the findings", async () => {
    write("input.json", JSON.stringify(inputOf("sys.audit.event", {})));
    const { out } = await run(["policy", "eval", "--bundle", "plain.tar.gz", "--findings", "input.json"]);
    expect(JSON.parse(out)).toMatchObject({ ok: true, findings: [{ effect: "deny", id: "subjects.reserved" }] });
  });

  it.each([
    [
      "a signed bundle without its key",
      ["--bundle", "signed.tar.gz", "input.json"],
      "the bundle `signed.tar.gz`: signed, but no trusted keys are configured; give --key <public.pem>",
    ],
    [
      "an unsigned bundle with a key",
      ["--bundle", "plain.tar.gz", "--key", "key.pub", "input.json"],
      "the bundle `plain.tar.gz`: the bundle is not signed",
    ],
    [
      "a private key",
      ["--bundle", "signed.tar.gz", "--key", "key.pem", "input.json"],
      "the public key `key.pem`: a private key; give the public one",
    ],
    ["a bundle that is none", ["--bundle", "key.pem", "input.json"], "the bundle `key.pem`: no gzip archive"],
    ["an empty bundle", ["--bundle", "empty", "input.json"], "the bundle `empty`: no gzip archive"],
    [
      "a key that is none",
      ["--bundle", "signed.tar.gz", "--key", "wrong.json", "input.json"],
      "the public key `wrong.json`: no public key in PEM",
    ],
    ["an input that is empty", ["--bundle", "plain.tar.gz", "empty"], "empty: the file is empty"],
    ["a bundle that isn't there", ["--bundle", "gone", "input.json"], "the bundle `gone`: there is no such file"],
    ["an input that isn't JSON", ["--bundle", "plain.tar.gz", "key.pem"], "key.pem: the text is not JSON"],
    [
      "an input with a field of a wrong type",
      ["--bundle", "plain.tar.gz", "wrong.json"],
      "wrong.json: not an input: principal: must be an object",
    ],
    [
      "a record without an input",
      ["--bundle", "plain.tar.gz", "started.json"],
      "a record of type `lifecycle` has no input",
    ],
  ])("exits 1 with one line for %s", async (_, args, message) => {
    write("input.json", JSON.stringify(inputOf("a.b", {})));
    write("wrong.json", '{"principal": 7}');
    write("empty", "");
    write("started.json", '{"schema": "cortexos.record/1", "type": "lifecycle"}');
    const evaluated = await run(["policy", "eval", ...args]);
    expect(evaluated).toMatchObject({ code: 1, out: "" });
    expect(evaluated.error).toMatch(/^[^\n]+\n$/);
    expect(evaluated.error).toContain(message);
  });
});

describe("a file with one record a line", () => {
  const started = '{"schema": "cortexos.record/1", "type": "lifecycle", "record_id": "w/1/0"}';
  const held = { tool: "send_money", args: { amount: 4800 } };
  let records: readonly DecisionRecord[] = [];
  const lines = (): readonly string[] => [started, "", ...records.map((record) => JSON.stringify(record))];
  beforeAll(() => {
    records = [
      recordOf(inputOf("agent.a.tool.search_hotels", burst), throttled),
      { ...recordOf(inputOf("agent.a.tool.send_money", held)), record_id: "w/1/2" },
    ].map((record) => ({ ...record, frame_sha256: record.decision.outcome === "THROTTLE" ? "" : FRAME_SHA256 }));
    write("records.jsonl", `${lines().join("\n")}\n`);
  });

  it("is decided again line by line, what isn't a decision apart", async () => {
    const evaluated = await run(["policy", "eval", "--bundle", "plain.tar.gz", "records.jsonl"]);
    expect(evaluated).toEqual({
      code: 0,
      out: records.map(({ decision }) => `${canonicalJson({ ...decision })}\n`).join(""),
      error: "",
    });
  });

  it("is verified line by line, and the worst verdict makes the exit code", async () => {
    const verify = (): Promise<Run> => run(["verify", "records.jsonl", "--bundle", "plain.tar.gz"]);
    expect(await verify()).toEqual({ code: 0, out: "w/1/1 match\nw/1/2 match\n", error: "" });
    const [first, second] = records;
    const lying = { ...first, decision: { ...first?.decision, outcome: "ALLOW" } };
    const other = { ...second, decision: { ...second?.decision, bundle_digest: "sha256:0" } };
    write("records.jsonl", [lying, other].map((record) => JSON.stringify(record)).join("\n"));
    const wrong = await verify();
    expect(wrong.code).toBe(3);
    expect(wrong.out).toMatch(
      /^w\/1\/1 mismatch: outcome, frame_sha256; .+\nw\/1\/2 unverifiable: decided by another bundle\n$/,
    );
    write("records.jsonl", `${lines().join("\n")}\n`);
  });

  it("gives one record by its own id or by its decision's", async () => {
    const [, second] = records;
    for (const id of ["w/1/2", second?.decision.decision_id ?? ""]) {
      const options = ["--bundle", "plain.tar.gz", "--id", id];
      expect(await run(["verify", "records.jsonl", ...options])).toEqual({ code: 0, out: "match\n", error: "" });
      const evaluated = await run(["policy", "eval", ...options, "records.jsonl"]);
      expect(evaluated.out).toBe(`${canonicalJson({ ...second?.decision })}\n`);
    }
    expect(await run(["verify", "records.jsonl", "--bundle", "plain.tar.gz", "--id", "w/9/9"])).toMatchObject({
      code: 1,
      error: "cortexos verify: records.jsonl: no record with the id `w/9/9`\n",
    });
  });

  it("is refused with the line that is wrong", async () => {
    write("broken.jsonl", `${JSON.stringify(records[0])}\n\n{"schema": \n`);
    expect(await run(["verify", "broken.jsonl", "--bundle", "plain.tar.gz"])).toMatchObject({
      code: 1,
      error: expect.stringContaining("broken.jsonl:3: the text is not JSON"),
    });
    write("broken.jsonl", `${started}\n${started}\n`);
    expect(await run(["verify", "broken.jsonl", "--bundle", "plain.tar.gz"])).toMatchObject({
      code: 1,
      error: "cortexos verify: broken.jsonl: no record of a decision\n",
    });
  });
});

describe("cortexos verify", () => {
  const verify = (name: string, ...more: readonly string[]): Promise<Run> =>
    run(["verify", name, "--bundle", "plain.tar.gz", ...more]);

  it("says match, mismatch or unverifiable, each with its own exit code", async () => {
    const record = recordOf(inputOf("agent.a.tool.search_hotels", burst), throttled);
    write("record.json", JSON.stringify(record));
    expect(await verify("record.json")).toEqual({ code: 0, out: "match\n", error: "" });
    write("record.json", JSON.stringify({ ...record, decision: { ...record.decision, outcome: "ALLOW" } }));
    expect(await verify("record.json")).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^mismatch: outcome, frame_sha256; computed again: \{/),
    });
    write("record.json", JSON.stringify({ ...record, decision: { ...record.decision, bundle_digest: "sha256:0" } }));
    expect(await verify("record.json")).toMatchObject({ code: 4, out: "unverifiable: decided by another bundle\n" });
    expect(JSON.parse((await verify("record.json", "--json")).out)).toEqual({
      verdict: "unverifiable",
      reason: "decided by another bundle",
    });
  });

  it("refuses an input, and a record of a wrong shape", async () => {
    write("input.json", JSON.stringify(inputOf("a.b", {})));
    expect(await verify("input.json")).toMatchObject({
      code: 1,
      error: expect.stringContaining("an input, and a record is wanted"),
    });
    write("record.json", '{"schema": "cortexos.record/1", "type": "decision", "decision": {}}');
    expect(await verify("record.json")).toMatchObject({
      code: 1,
      error: expect.stringContaining("not a record: decision.decision_id: must be a text"),
    });
  });
});

describe("bin/cortexos.mjs", () => {
  it("is a program that Node can start", () => {
    const bin = join(REPOSITORY, "packages", "cli", "bin", "cortexos.mjs");
    execFileSync(process.execPath, ["--check", bin]);
    expect(readFileSync(bin, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
