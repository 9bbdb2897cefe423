// Tier C beside its rivals on one policy and input each: the default packs and a reference policy of 20 rules.
// All take turns within one run; a figure is the median of their CPU time a call, a ratio the median of the turns' ratios.
// After a build: node --expose-gc packages/engine/bench/tiers.bench.mjs [--rounds <n>]
// Writes bench-results/engine-tiers.json, of which packages/engine/scripts/performance-doc.mjs makes docs/performance.md.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildBundle, openNativeOpa, readPackTree } from "@cortexos/compiler";
import { createPolicy, openBundle, readArchive, writeBundle } from "@cortexos/engine";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import opaWasm from "@open-policy-agent/opa-wasm";
import { createPlanEvaluator } from "../dist/plan/evaluator.js";
import { parseJson } from "../dist/plan/values/json-parse.js";
import { readMachineFacts } from "../../../scripts/machine-facts.mjs";
import { cedarReference, JOB_INPUT, REFERENCE_INPUT, referencePolicy } from "../scripts/reference-policy.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ENTRYPOINT = "cortexos/main/findings";
const SLICE_MS = 30;
/** Until every contender is compiled as far as it will be. */
const WARM_SLICES = 15;
const SIZES = [10, 100, 1000, 10_000];

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const local = join(ROOT, ".tools", "bin", "opa");
const opa = process.env.OPA ?? (statSync(local, { throwIfNoEntry: false }) === undefined ? "opa" : local);

const subjects = [
  { name: "default packs", files: await defaultPacks(), input: JOB_INPUT, others: {} },
  { name: "reference policy", files: compile(referencePolicy(20)), input: REFERENCE_INPUT, others: cedarContender() },
];
const machine = readMachineFacts(ROOT);
const policies = subjects.map(measure);
const sizes = SIZES.map(measureSize);
const result = { machine, rounds: Number(options.rounds), policies, sizes };
mkdirSync(join(ROOT, "bench-results"), { recursive: true });
writeFileSync(join(ROOT, "bench-results", "engine-tiers.json"), `${JSON.stringify(result, undefined, 2)}\n`);
for (const { name, rows } of policies) {
  console.log(name);
  console.table(rows);
}
console.table(sizes);
console.log(JSON.stringify(result));

/** Every contender's median, and by how many times it is faster than OPA in wasm and in process. */
function measure({ name, files, input, others }) {
  const contenders = { ...contendersOf(files, input), ...others };
  const native = nativeOpa(files, input);
  for (const run of Object.values(contenders)) for (let i = 0; i < WARM_SLICES; i += 1) slice(run);
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    "opa bench": native.us(),
    ...Object.fromEntries(Object.entries(contenders).map(([key, run]) => [key, slice(run)])),
  }));
  native.close();
  const rows = Object.keys(rounds[0]).map((contender) => ({
    contender,
    us: digits(median(rounds.map((round) => round[contender]))),
    vsOpaWasm: digits(median(rounds.map((round) => round["plain opa-wasm"] / round[contender]))),
    vsOpaBench: digits(median(rounds.map((round) => round["opa bench"] / round[contender]))),
  }));
  return { name, inputBytes: JSON.stringify(input).length, planBytes: files.get("plan.json").length, rows };
}

function contendersOf(files, input) {
  const bytes = writeBundle(files);
  const open = (tier) => createPolicy(openBundle(bytes, { unsigned: "accept", nowNs: 0n, tier }));
  const [tierC, tierW] = [open("plan"), open("wasm")];
  const plain = opaWasm.loadPolicySync(files.get("policy.wasm"));
  plain.setData(JSON.parse(textOf(files.get("data.json"))));
  const evaluator = (settings) =>
    createPlanEvaluator(
      JSON.parse(textOf(files.get("plan.json"))),
      parseJson(textOf(files.get("data.json"))),
      settings,
    );
  const [compiled, remembering, interpreted] = [{}, { memoEntriesMax: 1000 }, { mode: "interpreted" }].map(evaluator);
  agree([() => tierC.evaluate(input), () => tierW.evaluate(input)]);
  agree([compiled, remembering, interpreted].map((each) => () => each.evaluate(ENTRYPOINT, input)));
  return {
    "plain opa-wasm": () => plain.evaluate(input, ENTRYPOINT),
    "tier W, findings": () => tierW.evaluate(input),
    "tier C, findings": () => tierC.evaluate(input),
    "tier C, JSON": () => compiled.evaluate(ENTRYPOINT, input),
    "tier C": () => compiled.evaluateValues(ENTRYPOINT, input),
    "tier C, memo": () => remembering.evaluateValues(ENTRYPOINT, input),
    "tier C, interpreter": () => interpreted.evaluateValues(ENTRYPOINT, input),
  };
}

/** Whoever is fast by being wrong is no contender. */
function agree(runs) {
  const [first, ...others] = runs.map((run) => JSON.stringify(run()));
  if (others.some((other) => other !== first)) throw new Error(`contenders disagree: ${first} ${others.join(" ")}`);
}

function cedarContender() {
  const { policies: text, context } = cedarReference(20);
  const parsed = cedar.preparsePolicySet("reference", { staticPolicies: text });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
  const uid = (type, id) => ({ type, id });
  const request = {
    principal: uid("Agent", "agent-17"),
    action: uid("Action", "publish"),
    resource: uid("Subject", "job.code.7"),
    context,
    entities: [],
    preparsedPolicySetId: "reference",
  };
  const run = () => cedar.statefulIsAuthorized(request);
  if (run().response?.decision !== "allow") throw new Error(JSON.stringify(run()));
  return { "Cedar in wasm": run };
}

/** OPA in its own process, by its own clock: `opa bench` tells how long an evaluation of the prepared query takes. */
function nativeOpa(files, input) {
  const folder = mkdtempSync(join(tmpdir(), "cortexos-bench-"));
  const { wasm: _, ...manifest } = JSON.parse(textOf(files.get(".manifest")));
  const sources = [...files].filter(([path]) => path.endsWith(".rego") || path === "data.json");
  for (const [path, bytes] of [...sources, [".manifest", JSON.stringify(manifest)]]) {
    mkdirSync(join(folder, "bundle", dirname(path)), { recursive: true });
    writeFileSync(join(folder, "bundle", path), bytes);
  }
  writeFileSync(join(folder, "input.json"), JSON.stringify(input));
  const args = ["bench", "--format", "json", "-b", join(folder, "bundle"), "-i", join(folder, "input.json")];
  return {
    us: () => {
      const { N, T } = JSON.parse(execFileSync(opa, [...args, "data.cortexos.main.findings"], { encoding: "utf8" }));
      return T / N / 1000;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** How time, memory and loading grow with the number of rules, all of which test one text. */
function measureSize(rules) {
  const files = compile(referencePolicy(rules, { isMixed: false }), ["plan"]);
  const plan = textOf(files.get("plan.json"));
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const start = process.cpuUsage();
  const evaluator = createPlanEvaluator(JSON.parse(plan));
  evaluator.evaluateValues(ENTRYPOINT, REFERENCE_INPUT);
  const { user, system } = process.cpuUsage(start);
  globalThis.gc?.();
  // A small plan is lost in what else the heap does.
  const memory =
    globalThis.gc === undefined || rules < 100 ? null : digits((process.memoryUsage().heapUsed - before) / plan.length);
  const run = () => evaluator.evaluateValues(ENTRYPOINT, REFERENCE_INPUT);
  const times = Array.from({ length: 15 }, () => slice(run));
  return {
    rules,
    us: digits(median(times.slice(5))),
    loadMs: digits((user + system) / 1000),
    planBytes: plan.length,
    memoryToPlan: memory,
  };
}

/** CPU microseconds a call. */
function slice(run) {
  const [start, begin] = [performance.now(), process.cpuUsage()];
  let calls = 0;
  for (; performance.now() - start < SLICE_MS; calls += 20) for (let i = 0; i < 20; i += 1) run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / calls;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function digits(value) {
  return Number(value.toPrecision(3));
}

function textOf(bytes) {
  return new TextDecoder().decode(bytes);
}

async function defaultPacks() {
  const native = await openNativeOpa({ env: { ...process.env, OPA: opa }, from: [ROOT] });
  const { bytes } = await buildBundle(readPackTree(join(ROOT, "policies")), { opa: native });
  return readArchive(bytes);
}

function compile(rego, targets = ["plan", "wasm"]) {
  const folder = mkdtempSync(join(tmpdir(), "cortexos-bench-"));
  try {
    const policy = { format: 1, revision: 1, entrypoint: ENTRYPOINT, require_allow: false };
    const lists = { modifiable: [], payloads: [], records: [], strict_order: [], builtins: [] };
    const manifest = { revision: "bench", roots: ["cortexos"], metadata: { cortexos: { ...policy, ...lists } } };
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "src", "main.rego"), rego);
    writeFileSync(join(folder, "src", ".manifest"), JSON.stringify(manifest));
    const files = targets.map((target) => {
      const args = ["build", "-t", target, "-e", ENTRYPOINT, "-b", "src", "-o", `${target}.tar.gz`];
      execFileSync(opa, args, { cwd: folder });
      return [...readArchive(readFileSync(join(folder, `${target}.tar.gz`)))].filter(
        ([path]) => !path.endsWith(".rego"),
      );
    });
    return new Map([...files.flat(), ["main.rego", Buffer.from(rego)]]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
