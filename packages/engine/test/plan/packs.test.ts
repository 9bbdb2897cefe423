import { buildBundle, openNativeOpa, readPackTree } from "@cortexos/compiler";
import type * as OpaWasm from "@open-policy-agent/opa-wasm";
import fc from "fast-check";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readArchive, type BundleFiles } from "../../src/index.ts";
import { createPlanEvaluator } from "../../src/plan/evaluator.ts";
import { fromJs } from "../../src/plan/values/from-js.ts";
import { parseJson } from "../../src/plan/values/json-parse.ts";
import { jsonText } from "../../src/plan/values/json-text.ts";
import { lookup } from "../../src/plan/values/lookup.ts";
import { toJsonValue } from "../../src/plan/values/to-js.ts";
import { sortedEntries } from "../../src/plan/values/object.ts";
import { isObject, type Value } from "../../src/plan/values/value.ts";
import { inFolder, OPA, opa, writeFiles } from "../opa.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
// It is CommonJS whose exports a namespace import doesn't see.
const opaWasm = createRequire(import.meta.url)("@open-policy-agent/opa-wasm") as typeof OpaWasm;
const ENTRYPOINT = "cortexos/main/findings";
const INPUTS_COUNT = 40;

const text = fc.constantFrom(
  "prod",
  "acme",
  "job.code.write",
  "kubectl delete ns x",
  "ignore all previous instructions",
  "",
);
const leaf = fc.oneof(text, fc.constantFrom(0, 1, 5000, 0.5, true, false, null), fc.array(text, { maxLength: 2 }));
const bag = fc.dictionary(
  fc.constantFrom("amount", "paths", "verb", "namespace", "command", "prompt", "query", "max_tokens", "to"),
  leaf,
  { maxKeys: 4 },
);

/** Messages as a gate would hand them over, and a few that no gate would. */
const input = fc.record(
  {
    principal: fc.record({
      id: text,
      kind: fc.constantFrom("agent", "human"),
      roles: fc.array(fc.constantFrom("CODER", "SRE_LEAD", "operator"), { maxLength: 2 }),
      tenant: text,
    }),
    job_meta: fc.record({ tenant: text, environment: text, risk_tags: fc.array(text, { maxLength: 2 }) }),
    message: fc.record({
      subject: fc.constantFrom("job.code.write", "sys.x", "tenant.other.y", "mcp.tool.call", "llm.chat"),
      tokens: fc.constantFrom(["job", "code", "write"], ["sys", "x"], ["tenant", "other", "y"]),
      reply: fc.constantFrom("", "_INBOX.a.b", "elsewhere"),
      headers: fc.dictionary(fc.constantFrom("nats-msg-id", "x-cortex-y"), fc.array(text, { maxLength: 1 })),
      payload: fc.oneof(leaf, bag, fc.record({ tool: text, args: bag, parameters: bag })),
      effects: fc.array(fc.record({ kind: fc.constantFrom("reply", "publish"), subject: text }), { maxLength: 1 }),
      format: fc.constant("json"),
    }),
    action: fc.oneof(leaf, bag, fc.constant(null)),
    cost_estimate: fc.record({ tokens_in: fc.nat(), tokens_out: fc.nat(), usd_micros: fc.nat() }),
    budget_state: fc.dictionary(text, fc.record({ spent: fc.nat(), limit: fc.nat() }), { maxKeys: 1 }),
    context: fc.record({ labels: fc.array(text, { maxLength: 1 }), hop_count: fc.nat() }),
    now_ns: fc.constant("1700000000000000000"),
  },
  { requiredKeys: ["principal", "message"] },
);

interface Built {
  readonly level: string;
  readonly files: BundleFiles;
  /** What OPA itself says of each input, under the same optimisation. */
  readonly answers: readonly string[];
}

const packs = readdirSync(join(ROOT, "policies"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["lib", "schemas"].includes(entry.name))
  .map(({ name }) => name);

describe("every pack that is shipped", () => {
  const samples = fc.sample(input, { numRuns: INPUTS_COUNT, seed: 7 });

  it.each(packs)(
    "is decided alike by OPA, tier W and tier C, at each level of optimisation: %s",
    async (pack) => {
      const sources = await assembled(pack);
      const built = levelsOf(pack).map((level) => build(sources, level, samples));
      const [plain] = built;
      for (const { level, files, answers } of built) {
        expect({ level, answers }).toEqual({ level, answers: plain?.answers });
        const tiers = [planOf(files, "compiled"), planOf(files, "interpreted")];
        if (!NOT_IN_OPA_WASM.has(pack)) tiers.push(wasmOf(files));
        for (const answer of tiers) expect({ level, answers: samples.map(answer) }).toEqual({ level, answers });
      }
    },
    BUILD_TIMEOUT_MS,
  );
});

/** OPA's optimiser multiplies rules out: over a pack of long word lists, its highest level doesn't end within minutes. */
const TOO_LONG_FOR_LEVEL_2: ReadonlySet<string> = new Set(["agent_tools"]);

function levelsOf(pack: string): readonly string[] {
  return TOO_LONG_FOR_LEVEL_2.has(pack) ? ["0", "1"] : ["0", "1", "2"];
}

/** These call `regex.find_n` or `regex.replace`, which opa-wasm as it comes lacks. */
const NOT_IN_OPA_WASM: ReadonlySet<string> = new Set(["compliance", "data_security", "agent_tools"]);

/** OPA takes its time over what it optimises. */
const BUILD_TIMEOUT_MS = 300_000;

/** The sources of a bundle of this pack alone. */
async function assembled(pack: string): Promise<BundleFiles> {
  const native = await openNativeOpa({ env: { ...process.env, OPA }, from: [ROOT] });
  const folder = await mkdtemp(join(tmpdir(), "cortexos-packs-"));
  try {
    cpSync(join(ROOT, "policies"), folder, { recursive: true });
    const settings = JSON.parse(readFileSync(join(folder, "bundle.json"), "utf8")) as object;
    writeFileSync(join(folder, "bundle.json"), JSON.stringify({ ...settings, packs: [pack] }));
    return readArchive((await buildBundle(readPackTree(folder), { opa: native })).bytes);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function build(sources: BundleFiles, level: string, samples: readonly unknown[]): Built {
  return inFolder((folder) => {
    const { wasm: _, ...manifest } = JSON.parse(textOf(sources.get(".manifest"))) as Record<string, unknown>;
    const kept = [...sources].filter(([path]) => path.endsWith(".rego") || path === "data.json");
    writeFiles(join(folder, "src"), { ...Object.fromEntries(kept), ".manifest": JSON.stringify(manifest) });
    const files = new Map<string, Uint8Array>();
    for (const target of ["rego", "plan", "wasm"]) {
      opa(folder, "build", `-O=${level}`, "-t", target, "-e", ENTRYPOINT, "-b", "src", "-o", `${target}.tgz`);
      for (const [path, bytes] of readArchive(readFileSync(join(folder, `${target}.tgz`)))) {
        if (/(plan\.json|policy\.wasm|data\.json)$/.test(path)) files.set(path.replace(/^\//, ""), bytes);
      }
    }
    writeFiles(folder, { "samples.json": JSON.stringify({ samples }) });
    const query = "[f | some i in input.samples; f := data.cortexos.main.findings with input as i]";
    const printed = opa(folder, "eval", "-f", "json", "-b", "rego.tgz", "-i", "samples.json", query);
    const values = ["result", 0, "expressions", 0, "value"].reduce<Value | undefined>(lookup, parseJson(printed));
    return { level, files, answers: Array.isArray(values) ? values.map(findingsText) : [] };
  });
}

function planOf(files: BundleFiles, mode: "compiled" | "interpreted"): (value: unknown) => string {
  const data = parseJson(textOf(files.get("data.json")));
  const evaluator = createPlanEvaluator(JSON.parse(textOf(files.get("plan.json"))), data, { mode });
  return (value) => {
    const result = lookup(evaluator.evaluateValues(ENTRYPOINT, fromJs(value))[0], "result");
    return findingsText(result === undefined ? undefined : toJsonValue(result));
  };
}

function wasmOf(files: BundleFiles): (value: unknown) => string {
  const policy = opaWasm.loadPolicySync(Buffer.from(files.get("policy.wasm") ?? []));
  policy.setData(JSON.parse(textOf(files.get("data.json"))));
  return (value) => {
    const result = lookup(lookup(fromJs(policy.evaluate(value, ENTRYPOINT)), 0), "result");
    return findingsText(result);
  };
}

/** Findings as text, each set in one order: wasm prints sets in the order of its hashes. */
function findingsText(findings: Value | undefined): string {
  if (!isObject(findings)) return "undefined";
  const sets = [...sortedEntries(findings)].map(([effect, members]) => {
    const texts = Array.isArray(members) ? members.map((member) => jsonText(member)).sort() : [jsonText(members)];
    return `${jsonText(effect)}: ${texts.join(", ")}`;
  });
  return sets.join("\n");
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
