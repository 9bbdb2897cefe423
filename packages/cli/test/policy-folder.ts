import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCortexos } from "@cortexos/cli";
import { createPolicy, openBundle } from "@cortexos/engine";
import { decideInput, prepareInput } from "@cortexos/kernel";
import type { Caller, DecisionRecord, Input, StoreAnswers } from "@cortexos/protocol";
import { afterAll, beforeAll } from "vitest";

/** The root of the checkout. */
export const REPOSITORY: string = fileURLToPath(new URL("../../..", import.meta.url));

/** Where the commands of one test file run: the repository's packs, a key pair, and a bundle with and without signature. */
export const folder: string = mkdtempSync(join(tmpdir(), "cortexos-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export async function run(
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

export function write(name: string, content: string | Uint8Array): string {
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

export function inputOf(subject: string, payload: object): Input {
  const message = { subject, reply: "", headers: [], payload: Buffer.from(JSON.stringify(payload)) };
  const policy = createPolicy(
    openBundle(readFileSync(join(folder, "plain.tar.gz")), { unsigned: "accept", nowNs: 1n }),
  );
  return prepareInput(message, caller, { policy, budgetState: {}, nowNs: NOW_NS }).input;
}

export function recordOf(input: Input, answers: StoreAnswers = { throttles: [], budgets: [] }): DecisionRecord {
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
