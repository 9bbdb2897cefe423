import * as opaWasm from "@open-policy-agent/opa-wasm";
import { canonicalJson, type Input } from "@cortexos/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createWasmEvaluator } from "../src/wasm-evaluator.ts";
import { openInstance, type WasmInstance } from "../src/wasm-instance.ts";
import { createPolicy, EngineError, INPUT_BYTES_MAX, INPUT_DEPTH_MAX, type Policy } from "../src/index.ts";
import {
  instantiate,
  PAGE_BYTES,
  POLICY_MEMORY_BYTES_MAX,
  POLICY_MEMORY_GROWTH_BYTES_MAX,
} from "../src/wasm-memory.ts";
import { compileFiles, compileWasmPolicy, ECHO_REGO, ENTRYPOINT, inFolder, opa, openFiles } from "./opa.ts";

/** Allows unless it sees a reason not to: the kind of policy that fails open when its input goes missing. */
const OPEN_REGO = `package cortexos.main

default denied := false

denied if input.user == "mallory"
denied if input == false
denied if input == 0
denied if input == ""
denied if input == null

findings := {
	"deny": {"no" | denied},
	"allow": {"yes" | not denied},
	"require_human": set(), "throttle": set(), "modify": set(),
}
`;

/** Any JSON value as if it were an input; policies and evaluators must cope with all of them. */
function asInput(value: unknown): Input {
  return value as Input;
}

function effectsOf(policy: Policy, value: unknown, text?: string): string {
  const evaluation = policy.evaluate(asInput(value), text);
  return evaluation.ok ? evaluation.findings.map((finding) => finding.effect).join(",") : evaluation.code;
}

interface Plain {
  evaluate(input: unknown): unknown;
}

/** The same policy through opa-wasm as it comes: shows that each hazard is real. */
function plainPolicy(files: ReadonlyMap<string, Uint8Array>): Plain {
  // A CommonJS module: its exports are the default one at run time, which its types do not say.
  const exported: unknown = "default" in opaWasm ? opaWasm.default : opaWasm;
  const library = exported as { loadPolicySync(wasm: Uint8Array): Plain };
  return library.loadPolicySync(files.get("policy.wasm") ?? new Uint8Array());
}

function plainAllows(plain: Plain, input: unknown): boolean {
  return JSON.stringify(plain.evaluate(input)).includes('"allow":["yes"]');
}

function toArrayBuffer(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text)).buffer;
}

describe("the guard around policy.wasm", () => {
  let files: ReadonlyMap<string, Uint8Array>;
  let policy: Policy;
  let plain: Plain;
  beforeAll(() => {
    files = compileFiles({ rego: OPEN_REGO });
    policy = compileWasmPolicy({ rego: OPEN_REGO });
    plain = plainPolicy(files);
  });

  it.each([false, 0, "", null])("passes the falsy input %j, which opa-wasm takes for none", (value) => {
    expect(plainAllows(plain, value)).toBe(true);
    expect(effectsOf(policy, value)).toBe("deny");
  });

  it("passes text as bytes, which opa-wasm serialises as an object of numbers when they are a Buffer", () => {
    const text = '{"user":"mallory"}';
    expect(plainAllows(plain, Buffer.from(text))).toBe(true);
    expect(effectsOf(policy, { user: "mallory" }, text)).toBe("deny");
    expect(effectsOf(policy, { user: "mallory" })).toBe("deny");
  });

  it.each(['{"user":"mallory"', "", "nul", '{"user":"mallory",}x', "\ufeff{}"])(
    "fails on the malformed text %j, which opa-wasm takes for no input",
    (text) => {
      expect(plainAllows(plain, toArrayBuffer(text))).toBe(true);
      expect(effectsOf(policy, {}, text)).toBe("evaluation.error");
    },
  );

  it("fails on Rego's own literals, which opa-wasm takes for JSON", () => {
    expect(plainAllows(plain, toArrayBuffer('{"user":{"mallory"}}'))).toBe(true);
    expect(effectsOf(policy, {}, '{"user":{"mallory"}}')).toBe("evaluation.error");
    expect(effectsOf(policy, {}, '{"user":set()}')).toBe("evaluation.error");
  });

  it("never lets a lone surrogate reach the engine, where each one leaks stack until good inputs fail", () => {
    const bad = JSON.stringify({ user: "\ud800" });
    for (let i = 0; i < 1600; i++) expect(() => plain.evaluate(toArrayBuffer(bad))).toThrow(/./);
    expect(() => plain.evaluate({ user: "bob" })).toThrow(/memory access out of bounds/);
    for (let i = 0; i < 1600; i++) expect(effectsOf(policy, { user: "\ud800" })).toBe("evaluation.input");
    expect(effectsOf(policy, { user: "bob" })).toBe("allow");
  });

  it("throws an instance away after an abort, however many there are", () => {
    const escaped = '{"user":"\\ud800"}';
    for (let i = 0; i < 1600; i++) expect(effectsOf(policy, {}, escaped)).toBe("evaluation.error");
    expect(effectsOf(policy, { user: "bob" })).toBe("allow");
  });

  it("answers every JSON value without throwing, and as OPA's words say", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const falsy = value === false || value === null || value === "" || value === 0;
        expect(effectsOf(policy, value)).toBe(falsy ? "deny" : "allow");
      }),
    );
  });

  it("answers whatever is no JSON at all with a failure", () => {
    for (const value of [undefined, Number.NaN, 1n, () => 1, Symbol("x"), { a: Number.POSITIVE_INFINITY }])
      expect(effectsOf(policy, value)).toBe("evaluation.input");
  });

  it("never throws for any canonical text it is given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(["allow", "deny", "evaluation.error"]).toContain(effectsOf(policy, {}, text));
      }),
    );
  });

  it("survives input nested too deeply for the engine", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(effectsOf(policy, {}, deep)).toBe("evaluation.error");
    const nested = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    expect(effectsOf(policy, nested(4000))).toBe("evaluation.input");
    expect(effectsOf(policy, nested(INPUT_DEPTH_MAX + 1))).toBe("evaluation.input");
    expect(effectsOf(policy, nested(INPUT_DEPTH_MAX))).toBe("allow");
    expect(effectsOf(policy, { user: "bob" })).toBe("allow");
  });

  it("refuses an input over the limit and takes one just below it, growing memory inside the engine only", () => {
    const overhead = canonicalJson({ user: "" }).length;
    expect(effectsOf(policy, { user: "x".repeat(INPUT_BYTES_MAX - overhead + 1) })).toBe("evaluation.input");
    expect(effectsOf(policy, { user: "x".repeat(INPUT_BYTES_MAX - overhead) })).toBe("allow");
    expect(effectsOf(policy, { user: "mallory" })).toBe("deny");
  });
});

describe("a conflict, a trap and a large result", () => {
  it("is evaluation.error, with the engine's own words, and the next evaluation is clean", () => {
    const rego = `package cortexos.main

value := 1 if input.a
value := 2 if input.b

findings := {"deny": {"one" | value == 1}, "allow": set(), "require_human": set(), "throttle": set(), "modify": set()}
`;
    const policy = compileWasmPolicy({ rego });
    const conflict = policy.evaluate(asInput({ a: true, b: true }));
    expect(conflict).toMatchObject({ ok: false, code: "evaluation.error" });
    expect(JSON.stringify(conflict)).toContain("conflict: a rule gives two values");
    expect(effectsOf(policy, { a: true })).toBe("deny");
    expect(effectsOf(policy, {})).toBe("");
  });

  it("is evaluation.undefined when the entrypoint is", () => {
    const policy = compileWasmPolicy({ rego: `package cortexos.main\n\nfindings := {"deny": set()} if input.never` });
    expect(policy.evaluate(asInput({}))).toMatchObject({ ok: false, code: "evaluation.undefined" });
  });

  it("is evaluation.error when the result is larger than is read out of memory", () => {
    const rego = `package cortexos.main

deny contains concat("", [input.text, input.text, input.text, input.tail])

findings := {"deny": deny, "allow": set(), "require_human": set(), "throttle": set(), "modify": set()}
`;
    const policy = compileWasmPolicy({ rego });
    const text = "x".repeat(3 * 1024 * 1024);
    expect(effectsOf(policy, { text, tail: "" })).toBe("evaluation.error");
    expect(effectsOf(policy, { text: "x".repeat(2 * 1024 * 1024), tail: "" })).toBe("deny");
  });

  it("replaces an instance that says it is bloated", () => {
    const files = compileFiles({ rego: OPEN_REGO });
    const module = new WebAssembly.Module(files.get("policy.wasm") ?? new Uint8Array());
    let asked = 0;
    const bloated: WasmInstance = {
      ...openInstance(module, Buffer.from("{}")),
      evaluate: () => [{ result: ++asked }],
      isBloated: () => asked === 2,
    };
    const program = { module, data: Buffer.from("{}"), entrypoint: ENTRYPOINT };
    const evaluator = createWasmEvaluator(program, bloated);
    const results = [1, 2, 3].map(() => evaluator.evaluate({ value: {}, text: () => "{}" }));
    expect(results).toMatchObject([{ result: 1 }, { result: 2 }, { result: { allow: ["yes"] } }]);
  });

  it("replaces an instance whose memory grew, data and all", () => {
    const rego = `package cortexos.main

big := [[x, y] | some x in numbers.range(1, 900); some y in numbers.range(1, 400)] if input.big

findings := {"deny": {data.words.no | count(big) > 0}, "allow": {data.words.yes | not big}, "require_human": set(), "throttle": set(), "modify": set()}
`;
    const bundle = openFiles(compileFiles({ rego, data: { words: { yes: "ok", no: "big" } } }));
    const module = new WebAssembly.Module(bundle.files.get("policy.wasm") ?? new Uint8Array());
    const data = bundle.files.get("data.json") ?? new Uint8Array();
    const instance = openInstance(module, data);
    expect(instance.isBloated()).toBe(false);
    instance.evaluate(Buffer.from('{"big":true}'), "cortexos/main/findings");
    expect(instance.isBloated(), `grows over ${POLICY_MEMORY_GROWTH_BYTES_MAX}`).toBe(true);
    const evaluator = createWasmEvaluator({ module, data, entrypoint: "cortexos/main/findings" }, instance);
    expect(evaluator.evaluate({ value: {}, text: () => "{}" })).toMatchObject({ ok: true, result: { allow: ["ok"] } });
    expect(evaluator.evaluate({ value: {}, text: () => "{}" })).toMatchObject({ ok: true, result: { allow: ["ok"] } });
  });

  it("takes no more memory than the cap, and goes on", () => {
    const rego = `package cortexos.main

big := [[x, y] | some x in numbers.range(1, 4000); some y in numbers.range(1, 4000)] if input.big

findings := {"deny": {"big" | count(big) > 0}, "allow": {"ok" | not big}, "require_human": set(), "throttle": set(), "modify": set()}
`;
    const files = compileFiles({ rego });
    const module = new WebAssembly.Module(files.get("policy.wasm") ?? new Uint8Array());
    const { memory } = instantiate(module, () => ({
      opa_abort() {},
      opa_builtin0() {},
      opa_builtin1() {},
      opa_builtin2() {},
      opa_builtin3() {},
      opa_builtin4() {},
    }));
    expect(() => memory.grow(POLICY_MEMORY_BYTES_MAX / PAGE_BYTES)).toThrow(RangeError);
    const policy = createPolicy(openFiles(files, "wasm"));
    expect(effectsOf(policy, { big: true })).toBe("evaluation.error");
    expect(effectsOf(policy, {})).toBe("allow");
  });
});

describe("built-ins", () => {
  const refusalOf = (condition: string): string => {
    try {
      openFiles(compileFiles({ rego: `package cortexos.main\n\nfindings := {"deny": {"x" | ${condition}}}` }));
      return "accepted";
    } catch (reason) {
      return reason instanceof EngineError ? `${reason.code} ${reason.message}` : "threw";
    }
  };

  it.each([
    ["http.send", 'http.send({"method": "get", "url": input.x})'],
    ["time.now_ns", "time.now_ns() > 0"],
    ["rand.intn", 'rand.intn("x", 3) == 1'],
    ["net.lookup_ip_addr", "net.lookup_ip_addr(input.x) == set()"],
    ["opa.runtime", "opa.runtime().env"],
    ["uuid.rfc4122", 'uuid.rfc4122("x") == "y"'],
  ])("refuses a policy that needs %s, by name and at load", (name, condition) => {
    expect(refusalOf(condition)).toContain(`bundle.builtin the policy needs what is not supplied: ${name}`);
  });

  it("refuses one that is only declared", () => {
    const files = compileFiles({ rego: ECHO_REGO, policy: { builtins: ["http.send"] } });
    expect(() => openFiles(files)).toThrow(/http\.send/);
  });

  it("hands sets to the host as sets and takes its results as values", () => {
    const rego = `package cortexos.main

deny contains crypto.sha256(input.text)
deny contains hex.encode(input.text)
deny contains base64url.encode_no_pad(input.text)
deny contains crypto.hmac.sha256(input.text, "key")
deny contains "set" if strings.any_prefix_match({input.text}, {"a", "h"})
deny contains "undefined" if not crypto.md5(input.number)

findings := {"deny": deny, "allow": set(), "require_human": set(), "throttle": set(), "modify": set()}
`;
    const evaluation = compileWasmPolicy({ rego }).evaluate(asInput({ text: "héllo", number: 1 }));
    expect(evaluation.ok && evaluation.findings.map((finding) => finding.reason).sort()).toEqual(
      [
        "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179",
        "68c3a96c6c6f",
        "aMOpbGxv",
        "set",
        "undefined",
        "aba8e806b6d0ee8f8e332309ad460239c72a07a1919f79cc8417f44d425eaa88",
      ].sort(),
    );
  });
});

describe("built-ins that the host supplies", () => {
  /** Values that opa-wasm's own host gets wrong: exact numbers, sets, keys that are no texts, Go's formats and regular expressions. */
  const expressions = [
    'sprintf("%d %v %s", [12345678901234567890, {"a": {1, 2}}, set()])',
    'sprintf("%5.2f|%q|%x", [3.14159, "é", 255])',
    'regex.split("(a|b)+", "xaby")',
    'regex.replace("a(.)", "abac", "<$1>")',
    "object.subset({1, {2}, [3]}, {{2}, [3]})",
    "object.subset({[2]}, {{2}})",
    'indexof_n("abcabc", "b")',
    'strings.count("aaa", "a")',
    'json.patch({"a": {"b": 12345678901234567890}}, [{"op": "add", "path": "/c", "value": {1, 2}}])',
    'strings.any_prefix_match({"héllo"}, {"a", "hé"})',
    'crypto.sha256("héllo")',
    'crypto.hmac.sha256("héllo", "key")',
    'hex.encode("héllo")',
    'semver.compare("1.2.3", "1.10.0")',
    'time.parse_rfc3339_ns("2025-01-02T03:04:05.123456789Z")',
    "time.clock(1735787045123456789)",
    'units.parse_bytes("10MiB")',
    'net.cidr_expand("10.0.0.0/30")',
    "numbers.range_step(1, 9, 4)",
  ] as const;

  it("answer as OPA does", () => {
    const facts = expressions.map((expression, i) => `facts[${i}] := ${expression}`).join("\n");
    const sets =
      '"deny": set(), "allow": {json.marshal(facts)}, "require_human": set(), "throttle": set(), "modify": set()';
    const files = compileFiles({ rego: `package cortexos.main\n\n${facts}\n\nfindings := {${sets}}\n` });
    const module = new WebAssembly.Module(files.get("policy.wasm") ?? new Uint8Array());
    const result = openInstance(module, Buffer.from("{}")).evaluate(Buffer.from("{}"), ENTRYPOINT);
    const expected = inFolder((folder) =>
      opa(folder, "eval", "-f", "raw", `json.marshal([${expressions.join(", ")}])`),
    );
    const [{ allow }] = (result as [{ result: { allow: [string] } }]).map(({ result: sets }) => sets) as [
      { allow: [string] },
    ];
    const byIndex = Object.entries(JSON.parse(allow[0]) as Record<string, unknown>);
    expect(byIndex.map(([i, value]) => [expressions[Number(i)], value])).toEqual(
      (JSON.parse(expected) as unknown[]).map((value, i) => [expressions[i], value]),
    );
  });
});
