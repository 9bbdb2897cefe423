import { canonicalJson, type DecisionRecord, type StoreAnswers } from "@cortexos/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { inputOf, recordOf, run, write, type Run } from "./policy-folder.ts";

const FRAME_SHA256 = `sha256:${"0".repeat(64)}`;
const burst = { tool: "search_hotels", args: { city: "Paris" } };
const throttled: StoreAnswers = {
  throttles: [{ key: "tool:search_hotels:agent-7", admitted: false, retry_after_ms: 1200, remaining: 0 }],
  budgets: [],
};

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
    expect(await verify()).toEqual({ code: 0, out: "w/1/1 match\nw/1/2 match\n", error: COVERS });
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
      expect(await run(["verify", "records.jsonl", ...options])).toEqual({ code: 0, out: "match\n", error: COVERS });
      const evaluated = await run(["policy", "eval", ...options, "records.jsonl"]);
      expect(evaluated.out).toBe(`${canonicalJson({ ...second?.decision })}\n`);
    }
    expect(await run(["verify", "records.jsonl", "--bundle", "plain.tar.gz", "--id", "w/9/9"])).toMatchObject({
      code: 1,
      error: "cortexos verify: records.jsonl: no record with the id `w/9/9`\n",
    });
  });

  it("is verified past the seals of its batches", async () => {
    const seal = '{"schema":"cortexos.seal/1","writer":"w"}';
    write("sealed.jsonl", `${JSON.stringify(records[0])}\n${seal}\n`);
    expect(await run(["verify", "sealed.jsonl", "--bundle", "plain.tar.gz"])).toMatchObject({
      code: 0,
      out: "match\n",
    });
    write("sealed.jsonl", `${seal}\n`);
    expect(await run(["verify", "sealed.jsonl", "--bundle", "plain.tar.gz"])).toMatchObject({ code: 1 });
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

const COVERS =
  "a match covers answers, decision, durability, input, origin.connection; for all the rest: cortexos audit verify\n";

describe("cortexos verify", () => {
  const verify = (name: string, ...more: readonly string[]): Promise<Run> =>
    run(["verify", name, "--bundle", "plain.tar.gz", ...more]);

  it("says match, mismatch or unverifiable, each with its own exit code", async () => {
    const record = recordOf(inputOf("agent.a.tool.search_hotels", burst), throttled);
    write("record.json", JSON.stringify(record));
    expect(await verify("record.json")).toEqual({ code: 0, out: "match\n", error: COVERS });
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
