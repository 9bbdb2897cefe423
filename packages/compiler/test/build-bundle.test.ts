import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildBundle,
  findOpa,
  generateSigningKeys,
  readPackTree,
  readSigningKey,
  readTrustedKey,
} from "@cortexos/compiler";
import { createPolicy, openBundle, readBundle, readFindings, type Tier } from "@cortexos/engine";
import type { Evaluation, Input } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openOpa, POLICIES, writeFolder, writePack } from "./pack-folder.ts";

const opa = await openOpa();
const build = (root: string): ReturnType<typeof buildBundle> => buildBundle(readPackTree(root), { opa });

/** What each tier of the engine gives, and what OPA makes of the sources and data in the same bundle, for each input. */
function decideAll(
  bytes: Uint8Array,
  inputs: readonly object[],
): Readonly<Record<"plan" | "wasm" | "native", readonly Evaluation[]>> {
  const { files } = readBundle(bytes);
  // Not the wasm: an OPA that was built without a WebAssembly runtime refuses to evaluate it.
  const { wasm: _wasm, ...manifest } = JSON.parse(textOf(files, ".manifest"));
  const kept = [...files.keys()]
    .filter((path) => /^data\.json$|\.rego$/.test(path))
    .map((path) => [path, textOf(files, path)]);
  const folder = writeFolder({ ...Object.fromEntries(kept), ".manifest": JSON.stringify(manifest) });
  const inputFile = join(writeFolder({ "input.json": JSON.stringify(inputs) }), "input.json");
  const query = "[x | some i in input; x := data.cortexos.main.findings with input as i]";
  const args = ["eval", "--format", "json", "--bundle", folder, "--input", inputFile, query];
  const answer = JSON.parse(execFileSync(findOpa({ env: process.env, from: [POLICIES] }), args, { encoding: "utf8" }));
  const results: readonly unknown[] = answer.result[0].expressions[0].value;
  const tier = (name: Tier): readonly Evaluation[] => {
    const policy = createPolicy(openBundle(bytes, { unsigned: "accept", nowNs: 1n, tier: name }));
    return inputs.map((input) => policy.evaluate(input as Input));
  };
  return {
    plan: tier("plan"),
    wasm: tier("wasm"),
    native: results.map((result) => readFindings({ ok: true, result })),
  };
}

function textOf(files: ReadonlyMap<string, Uint8Array>, path: string): string {
  return Buffer.from(files.get(path) ?? []).toString("utf8");
}

function idsOf(evaluation: Evaluation | undefined): unknown {
  return evaluation?.ok === true
    ? evaluation.findings.map(({ effect, id, reason }) => [effect, id, reason])
    : evaluation;
}

const withPayload = (payload: object): object => ({ message: { payload } });

const V1 = `package cortexos.rules.p.one

deny contains "one" if input.message.payload.x == 1
allow contains {"reason": "two", "id": "own"} if input.message.payload.x == 2
`;
const V0 = `package cortexos.rules.q.old

deny[msg] {
    input.message.payload.x == 1
    msg = "old"
}
modify[m] { input.message.payload.y; m := {"reason": "y", "set": {"/a": data.cortexos.rules.q.old.value}} }
`;

function mixedTree(): string {
  return writeFolder({
    "bundle.json": '{"revision": 7, "require_allow": false, "strict_order": ["a.>"]}',
    "p/pack.json": '{"name": "p", "version": "1.0.0", "title": "P"}',
    "p/one/one.rego": V1,
    "p/one/one_test.rego": "package cortexos.rules.p.one_test\n\ntest_x if true\n",
    "q/pack.json": '{"name": "q", "version": "1.0.0", "title": "Q", "rego_version": 0}',
    "q/old/old.rego": V0,
    "q/old/data.json": '{"value": 5}',
  });
}

describe("buildBundle", () => {
  it("gives the same bytes from another folder, whenever the files were touched", async () => {
    const first = await build(POLICIES);
    const elsewhere = writeFolder({});
    cpSync(POLICIES, elsewhere, { recursive: true });
    utimesSync(join(elsewhere, "demo", "pack.json"), 1, 1);
    utimesSync(join(elsewhere, "rbac", "grant", "grant.rego"), 1, 1);
    const second = await build(elsewhere);
    expect(second.digest).toBe(first.digest);
    expect(Buffer.from(second.bytes).equals(first.bytes)).toBe(true);
  });

  it("gives another digest for other rules, data or manifest", async () => {
    const changes = {
      "p/one/one.rego": V1.replace("1", "3"),
      "q/old/data.json": '{"value": 6}',
      "bundle.json": '{"revision": 8}',
    };
    const digests = [(await build(mixedTree())).digest];
    for (const [path, text] of Object.entries(changes)) {
      const root = mixedTree();
      writeFileSync(join(root, path), text);
      digests.push((await build(root)).digest);
    }
    expect(new Set(digests).size).toBe(4);
  });

  it("collects v0 and v1 rules alike, each finding tagged with its rule", async () => {
    const { bytes } = await build(mixedTree());
    const { plan } = decideAll(bytes, [{}, withPayload({ x: 1 }), withPayload({ x: 2 }), withPayload({ y: true })]);
    expect(plan.map(idsOf)).toEqual([
      [],
      [
        ["deny", "p.one", "one"],
        ["deny", "q.old", "old"],
      ],
      [["allow", "own", "two"]],
      [["modify", "q.old", "y"]],
    ]);
  });

  it("decides as OPA does, by plan and by wasm, on the repository's packs and whatever input", async () => {
    const { bytes } = await build(POLICIES);
    const inputs = fc.sample(anyInput(), { numRuns: 300, seed: 20_260_101 });
    const { plan, wasm, native } = decideAll(bytes, inputs);
    expect(native).toHaveLength(inputs.length);
    expect(plan).toEqual(native);
    expect(wasm).toEqual(native);
    const effects = new Set(
      native.flatMap((evaluation) => (evaluation.ok ? evaluation.findings.map(({ effect }) => effect) : [])),
    );
    expect([...effects].sort()).toEqual(["allow", "deny", "modify", "require_human", "throttle"]);
  });

  it("writes what OPA and the engine need into the manifest, and no tests into the bundle", async () => {
    const { bytes, manifest, ruleCount } = await build(mixedTree());
    const { files } = readBundle(bytes);
    expect([...files.keys()].sort()).toEqual([
      ".manifest",
      "cortexos/main/main.rego",
      "cortexos/rules/p/one/one.rego",
      "cortexos/rules/q/old/old.rego",
      "data.json",
      "plan.json",
      "policy.wasm",
    ]);
    expect(JSON.parse(textOf(files, ".manifest"))).toEqual({
      revision: "7",
      roots: ["cortexos"],
      wasm: [{ entrypoint: "cortexos/main/findings", module: "/policy.wasm" }],
      rego_version: 1,
      file_rego_versions: { "/cortexos/rules/q/old/old.rego": 0 },
      metadata: {
        cortexos: manifest,
        compiler: { opa: opa.version },
        packs: [
          { name: "p", version: "1.0.0", title: "P" },
          { name: "q", version: "1.0.0", title: "Q" },
        ],
      },
    });
    expect(manifest).toMatchObject({
      format: 1,
      revision: 7,
      require_allow: false,
      strict_order: ["a.>"],
      builtins: [],
    });
    expect(ruleCount).toBe(2);
  });

  it("collects packages that lie elsewhere, under their whole name", async () => {
    const root = writePack({ "x.rego": 'package acme["if"]\n\ndeny contains "x"\n' });
    const { bytes } = await build(root);
    expect(decideAll(bytes, [{}]).plan.map(idsOf)).toEqual([[["deny", "acme.if", "x"]]]);
  });

  it("records the built-ins that are called", async () => {
    const root = writePack({
      "r/r.rego":
        'package cortexos.rules.p.r\n\ndeny contains lower(input.message.payload.x) if startswith(input.message.payload.x, "A")\n',
    });
    expect((await build(root)).manifest.builtins).toEqual(["lower", "startswith"]);
  });

  it("signs reproducibly, in a form that the engine and OPA verify", async () => {
    const keys = generateSigningKeys();
    const key = readSigningKey(keys.privateKeyPem, "ops");
    const tree = readPackTree(mixedTree());
    const [first, second] = [await buildBundle(tree, { opa, key }), await buildBundle(tree, { opa, key })];
    expect(Buffer.from(second.bytes).equals(first.bytes)).toBe(true);
    expect(first.digest).toBe((await buildBundle(tree, { opa })).digest);
    const trustedKeys = [readTrustedKey(keys.publicKeyPem, "ops")];
    expect(openBundle(first.bytes, { trustedKeys, nowNs: 1n }).signedBy).toBe("ops");
    const folder = writeFolder({ "public.pem": keys.publicKeyPem });
    writeFileSync(join(folder, "b.tar.gz"), first.bytes);
    const verify = (pem: string): string =>
      execFileSync(
        findOpa({ env: process.env, from: [POLICIES] }),
        [
          "build",
          "--bundle",
          "b.tar.gz",
          "--verification-key",
          pem,
          "--verification-key-id",
          "ops",
          "--signing-alg",
          "EdDSA",
          "--output",
          "o.tar.gz",
        ],
        { cwd: folder, encoding: "utf8", stdio: "pipe" },
      );
    expect(() => verify("public.pem")).not.toThrow();
    writeFileSync(join(folder, "other.pem"), generateSigningKeys().publicKeyPem);
    expect(() => verify("other.pem")).toThrow(/Command failed/);
  });

  it.each([
    ["a parse error", "package cortexos.rules.p.r\n\ndeny contains\n", "p/r/r.rego:4:1: "],
    [
      "a type error",
      'package cortexos.rules.p.r\n\ndeny contains "x" if startswith(input.message.payload.x, 3)\n',
      "p/r/r.rego:3:22: startswith: invalid argument(s)",
    ],
    [
      "an unused variable",
      'package cortexos.rules.p.r\n\ndeny contains "x" if {\n\ty := 1\n}\n',
      "p/r/r.rego:4:2: assigned var y unused",
    ],
    [
      "an effect that is no set",
      "package cortexos.rules.p.r\n\ndeny := true\n",
      "p/r/r.rego:3:1: `deny` must be a set",
    ],
    [
      "an effect in the form of v0 in v1",
      'package cortexos.rules.p.r\n\ndeny["x"] if input.message.payload.x\n',
      "p/r/r.rego:3:1: `deny` must be a set",
    ],
    [
      "a built-in that reaches outside",
      'package cortexos.rules.p.r\n\ndeny contains "x" if http.send({"url": "x"}).status_code == 1\n',
      "p/r/r.rego:3:22: `http.send` can answer differently",
    ],
    [
      "the clock",
      'package cortexos.rules.p.r\n\ndeny contains "x" if time.now_ns() > 1\n',
      "p/r/r.rego:3:22: `time.now_ns` can answer differently",
    ],
    [
      "the generated package's name",
      "package cortexos.main\n\nx := 1\n",
      "p/r/r.rego:1:1: package `cortexos.main` is generated",
    ],
    [
      "recursion through main",
      'package cortexos.rules.p.r\n\ndeny contains "x" if data.cortexos.main.findings\n',
      "rego_recursion_error",
    ],
  ])("refuses %s with its place", async (_, rego, message) => {
    const failure = await build(writePack({ "r/r.rego": rego })).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "CompilerError", code: "compiler.rego" });
    const text = failure instanceof Error ? failure.message : "";
    expect(message.startsWith("rego_") ? JSON.stringify(failure) : text).toContain(message);
  });

  it("leaves nothing behind", async () => {
    const staged = (): readonly string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`cortexos-opa-${process.pid}-`));
    await build(mixedTree());
    await build(writePack({ "r/r.rego": "package" })).catch(() => undefined);
    expect(staged()).toEqual([]);
  });
});

/** Inputs that the packs know something about, and such where anything is missing or of a wrong type. */
function anyInput(): fc.Arbitrary<object> {
  const odd = fc.constantFrom<unknown>(null, 7, "x", [], {}, true);
  const or = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: odd });
  const part = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> =>
    or(
      fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, or(value)])), {
        requiredKeys: [],
      }),
    );
  const tool = fc.constantFrom(
    "send_money",
    "send_email",
    "delete_file",
    "search_hotels",
    "get_balance",
    "invite_user_to_slack",
  );
  const subject = fc.constantFrom(
    "job.code.go",
    "job.k8s.ops",
    "job.k8s.deploy",
    "agent.a.tool.send_email",
    "agent.a.tool.send_money",
    "agent.a.tool.get_balance",
    "tenant.acme.x",
    "tenant.globex.x",
    "$JS.API.STREAM.DELETE.JOBS",
    "$KV.agent_notes.a",
    "sys.audit.event",
  );
  const text = fc.constantFrom(
    "dana@acme.example",
    "x@evil.example",
    "4111 1111 1111 1111",
    "hello",
    "sk_live_abcdefghijklmnop1234",
    "ü\u{1F600}",
  );
  return fc.record(
    {
      principal: part({
        id: text,
        roles: fc.array(fc.constantFrom("AGENT", "WORKER", "SRE_LEAD")),
        tenant: fc.constant("acme"),
      }),
      job_meta: part({ environment: fc.constantFrom("prod", "dev") }),
      message: subject.chain((name) =>
        part({
          subject: fc.constant(name),
          tokens: fc.constant(name.split(".")),
          reply: fc.constantFrom("", "_INBOX.a", "job.code.go"),
          headers: fc.dictionary(fc.constantFrom("nats-msg-id", "nats-trace-only", "x"), fc.constant(["1"])),
          payload: part({
            parameters: part({
              max_tokens: fc.constantFrom("800", "32000", "lots"),
              verb: fc.constantFrom("get", "delete"),
              namespace: fc.constantFrom("prod", "staging"),
              resource: fc.constantFrom("pods/a", "node/b"),
            }),
          }),
          effects: fc.array(
            part({
              kind: fc.constantFrom("reply", "rollup", "consumer_delivery"),
              subject: fc.constantFrom("_INBOX.a", ">"),
            }),
          ),
        }),
      ),
      action: part({
        tool,
        args: part({
          amount: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
          recipients: fc.array(text),
          body: text,
          user_email: text,
        }),
      }),
      now_ns: fc.constant("1"),
    },
    { requiredKeys: ["now_ns"] },
  );
}
