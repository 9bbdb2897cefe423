// Makes docs/performance.md of what `npm run bench:engine` measured: node packages/engine/scripts/performance-doc.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

const ROOT = new URL("../../../", import.meta.url);
const { machine, rounds, policies, sizes } = JSON.parse(
  readFileSync(fileURLToPath(new URL("bench-results/engine-tiers.json", ROOT)), "utf8"),
);

const MEANINGS = {
  "opa bench": "OPA in its own process, by its own clock",
  "plain opa-wasm": "`@open-policy-agent/opa-wasm` as it comes",
  "tier W, findings": "the engine on wasm: input surveyed, result checked and turned into findings",
  "tier C, findings": "the same on the compiled plan: what a gate calls",
  "tier C, JSON": "the compiled plan, JSON in and JSON out: what opa-wasm gives",
  "tier C": "the compiled plan, values in and out: what `opa bench` times",
  "tier C, memo": "the same, remembering results by what was read of the input",
  "tier C, interpreter": "the plan interpreted, where generating code is forbidden",
  "Cedar in wasm": "`@cedar-policy/cedar-wasm`, policies parsed beforehand, handed only what they read",
};

function table(heads, rows) {
  const lines = [heads, heads.map((_, index) => (index === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function policySection({ name, inputBytes, planBytes, rows }) {
  const cells = rows.map(({ contender, us, vsOpaWasm, vsOpaBench }) => [
    `${contender}: ${MEANINGS[contender] ?? ""}`,
    us,
    `${vsOpaWasm}×`,
    `${vsOpaBench}×`,
  ]);
  const heads = ["", "µs", "to opa-wasm", "to OPA"];
  return `## The ${name}\n\nInput ${inputBytes} bytes, plan ${planBytes} bytes.\n\n${table(heads, cells)}`;
}

const sizeCells = sizes.map(({ rules, us, loadMs, planBytes, memoryToPlan }) => [
  rules,
  us,
  loadMs,
  Math.round(planBytes / 1000),
  memoryToPlan === null ? "" : `${memoryToPlan}×`,
]);

const text = `# Performance of the engine

Generated from one run by \`packages/engine/scripts/performance-doc.mjs\`; \`npm run bench:engine\` measures anew and keeps the raw
figures in \`bench-results/engine-tiers.json\`.

${machine.cpuModel}, ${machine.coreCount} cores, Node ${machine.nodeVersion}, ${machine.os}, ${machine.date.slice(0, 10)}, load average
${machine.loadAverage.join(", ")} when it began. ${rounds} rounds in which all take turns. A figure is the median CPU time of one evaluation; only \`opa bench\`
tells wall time, which other work on the machine makes longer. A ratio says how many times faster, as the median of the rounds' ratios.

${policies.map(policySection).join("\n\n")}

## Size

Rules that each test one text for equality, with the reference input. Loading is parsing, compiling and the first evaluation; memory is
what stays on the heap, to the bytes of \`plan.json\`.

${table(["rules", "µs", "load, CPU ms", "plan, kB", "memory to plan"], sizeCells)}
`;
const file = fileURLToPath(new URL("docs/performance.md", ROOT));
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: "markdown" }));
