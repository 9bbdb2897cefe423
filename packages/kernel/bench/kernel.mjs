// What the kernel itself costs a message: every port and the evaluator are stubs that answer at once.
// Run after a build: node packages/kernel/bench/kernel.mjs
import { createGate, inputText, prepareInput } from "../dist/index.js";

const ROUNDS = 200_000;
const payload = Buffer.from(
  JSON.stringify({
    tool: "gmail.send",
    args: {
      to: ["a@example.com", "b@example.com"],
      subject: "Numbers",
      body: "Please find the numbers attached. ".repeat(3),
    },
    trace: { id: "0123456789abcdef", at: 1_700_000_000, sampled: true },
  }),
);
const allow = { ok: true, findings: [{ effect: "allow", id: "bench.allow", reason: "allowed" }] };
const manifest = {
  format: 1,
  revision: 1,
  entrypoint: "cortexos/main/findings",
  require_allow: true,
  modifiable: [],
  payloads: [],
  records: [{ subjects: "fast.>", durability: "buffered" }],
  strict_order: [],
  builtins: [],
};
const policyOf = (reads) => ({
  digest: `sha256:${"0".repeat(64)}`,
  manifest,
  engine: "bench/1",
  reads,
  evaluate: () => allow,
});
const everything = policyOf([""]);
const subjectOnly = policyOf(["/message/subject", "/principal"]);
const caller = {
  principal: { id: "agent-1", kind: "agent", roles: ["writer"], tenant: "acme", authenticated_by: "config" },
  environment: "prod",
  labels: { team: "payments" },
  source: "sidecar",
  session: { id: "c-1", declared: {} },
};
const gateOf = (policy) => {
  let now = 1_700_000_000_000_000_000n;
  return createGate({
    policies: { current: () => policy },
    clock: { nowNs: () => (now += 1000n) },
    timers: { sleep: () => new Promise(() => undefined) },
    records: { append: () => undefined },
    origin: { writer: "bench", epoch: 1 },
  });
};
const message = { subject: "agent.acme.tool.gmail", reply: "", headers: [], payload };
const buffered = { ...message, subject: "fast.acme.tool.gmail" };
const frame = Buffer.concat([
  Buffer.from(`PUB ${buffered.subject} ${payload.length}\r\n`),
  payload,
  Buffer.from("\r\n"),
]);
const frames = Buffer.concat(Array.from({ length: 100 }, () => frame));
const moment = { policy: everything, budgetState: {}, nowNs: "1700000000000000000" };
const gate = gateOf(everything);
const standing = gateOf(subjectOnly).standing(buffered.subject, caller);
const choice = gateOf(policyOf(["/message/subject", "/message/payload/tool"])).standing(buffered.subject, caller);
const prepared = prepareInput(message, caller, moment);

const cases = {
  "submit: whole way, record by stub": () => gate.submit(message, caller),
  "input and its canonical text": () => prepareInput(message, caller, moment),
  "canonical text alone": () => inputText(prepared.input, caller),
};
console.log(`${payload.length}-byte JSON payload, node ${process.version}`);
const nsPerMessage = {};
for (const [name, run] of Object.entries(cases)) nsPerMessage[name] = measure(run, ROUNDS);
const accountRun = measure(() => standing.account(100, frames), ROUNDS / 100);
nsPerMessage["standing: account a run of 100"] = accountRun / 100;
nsPerMessage["standing by payload: choose and account"] = measure(chooseAndAccount, ROUNDS);
for (const [name, ns] of Object.entries(nsPerMessage))
  console.log(`${name.padEnd(42)} ${(ns / 1000).toFixed(2)} µs a message`);
console.log(JSON.stringify({ payloadBytes: payload.length, nsPerMessage }));

function chooseAndAccount() {
  choice.choose(payload)?.account(1, frame);
}

function measure(run, rounds) {
  const times = Array.from({ length: 6 }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) run();
    return Number(process.hrtime.bigint() - start) / rounds;
  });
  return Math.min(...times.slice(1));
}
