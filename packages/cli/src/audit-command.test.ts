import {
  createBatchSealer,
  createCheckpointSigner,
  createMerkleTree,
  CSV_HEADER,
  sealLine,
  type ChainHead,
} from "@cortexos/audit";
import { AuditEvent } from "@cortexos/protocol";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCortexos } from "./run-cortexos.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const privateKeyPem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();

/** A decision's record with as much in it as the commands look at. */
function decisionLine(n: number, outcome: "ALLOW" | "DENY", subject = "work.a"): string {
  const record = {
    schema: "cortexos.record/1",
    record_id: `w/1/${n}`,
    at_ns: `170000000${n}000000000`,
    origin: { writer: "w", connection: "c-1" },
    type: "decision",
    decision: {
      decision_id: `d-${n}`,
      outcome,
      rule_ids: ["demo.rule"],
      reason: "fine",
      bundle_digest: "b",
      engine: "e",
    },
    input: {
      principal: { id: "agent-7", kind: "agent", roles: [], tenant: "acme", authenticated_by: "config" },
      job_meta: { tenant: "acme", environment: "prod" },
      message: { subject, reply: "", payload: { secret: "canary-payload" }, payload_sha256: "00" },
      context: { session: { id: "c-1" }, source: "sidecar" },
    },
    took_ns: 5,
    frame_sha256: "",
  };
  return `${JSON.stringify(record)}\n`;
}

describe("cortexos audit", () => {
  let folder = "";
  const batches = [
    [decisionLine(1, "ALLOW"), decisionLine(2, "DENY")],
    [
      decisionLine(3, "ALLOW", "work.\u001b[31mred"),
      '{"schema":"cortexos.record/1","record_id":"w/1/4","at_ns":"1700000004000000000","origin":{"writer":"w","connection":"c-2"},"type":"outcome","decision_id":"d-3","result":"failed"}\n',
    ],
  ];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cortexos-cli-audit-"));
    let head: ChainHead | undefined;
    const tree = createMerkleTree();
    const sealer = createBatchSealer("w", head);
    const lines = batches.flatMap((batch) => {
      const seal = sealer.seal(Buffer.from(batch.join("")), batch.length);
      sealer.accept(seal);
      head = seal;
      tree.add(Buffer.from(seal.hash.slice(7), "hex"));
      return [...batch, sealLine(seal)];
    });
    write("records.jsonl", lines.join(""));
    const checkpoint = { writer: "w", epoch: 1, size: tree.size(), root: tree.root(), atNs: "1" };
    write("notes.txt", createCheckpointSigner(privateKeyPem, "ops").sign(checkpoint));
    write("key.pem", publicKey.export({ format: "pem", type: "spki" }).toString());
    write("changed.jsonl", lines.join("").replace('"outcome":"DENY"', '"outcome":"ALLOW"'));
    write("unsealed.jsonl", `${lines.join("")}${decisionLine(9, "ALLOW")}`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  async function audit(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
    const texts = { out: "", error: "" };
    const code = await runCortexos(["audit", ...args], {
      cwd: folder,
      environment: {},
      nowNs: () => 1n,
      out: (text) => void (texts.out += text),
      error: (text) => void (texts.error += text),
    });
    return { code, ...texts };
  }
  const KEY = ["--checkpoints", "notes.txt", "--key", "key.pem", "--key-name", "ops"];

  it("passes in five verdicts with checkpoints and key, and says what it can't tell without", async () => {
    const passed = await audit("verify", "records.jsonl", ...KEY);
    expect(passed).toMatchObject({ code: 0, error: "" });
    expect(passed.out).toMatch(
      /^integrity {5}pass\ncompleteness {2}pass\nsigner {8}pass\nanchors {7}pass\napprovals {5}pass\n4 records in 2 batches/,
    );
    const alone = await audit("verify", "records.jsonl");
    expect(alone.code).toBe(4);
    expect(alone.out).toContain("signer        unconfirmed");
  });

  it("finds a record that was changed, with a code of its own", async () => {
    const { code, out } = await audit("verify", "changed.jsonl", ...KEY, "--json");
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      integrity: "fail",
      anchors: "pass",
      faults: [expect.stringContaining("w/1/0")],
    });
  });

  it.each<[string[], string[]]>([
    [[], ["1", "2", "3", "4"]],
    [["--outcome", "DENY"], ["2"]],
    [["--outcome", "failed"], ["4"]],
    [["--type", "outcome"], ["4"]],
    [
      ["--subject", "work.a"],
      ["1", "2"],
    ],
    [
      ["--subject", "work.>", "--outcome", "ALLOW"],
      ["1", "3"],
    ],
    [
      ["--rule", "demo.rule", "--principal", "agent-7", "--tenant", "acme"],
      ["1", "2", "3"],
    ],
    [["--connection", "c-2"], ["4"]],
    [
      ["--id", "d-3"],
      ["3", "4"],
    ],
    [["--since", "2023-11-14T22:13:22Z", "--until", "1700000003000000000"], ["2"]],
  ])("queries by %j", async (options, ids) => {
    const { code, out } = await audit("query", "records.jsonl", ...options);
    const found = out.split("\n").filter((line) => line !== "");
    expect([code, found.map((line) => (JSON.parse(line) as { record_id: string }).record_id)]).toEqual([
      0,
      ids.map((id) => `w/1/${id}`),
    ]);
  });

  it("shows the last ones, safe for a terminal, with their place in the chain", async () => {
    const { out } = await audit("tail", "records.jsonl", "--count", "2");
    expect(out.split("\n")).toHaveLength(3);
    expect(out).toContain("w/1/3  w/1/1\n");
    expect(out).toContain("\\u{1b}[31mred");
    expect(out).not.toContain("\u001b");
    expect((await audit("query", "unsealed.jsonl", "--id", "w/1/9", "--text")).out).toMatch(/w\/1\/9 {2}unsealed\n$/);
  });

  it.each([
    ["events", 4, '"chain":{"writer":"w","epoch":1,"seq":0'],
    ["otel", 4, '"eventName":"cortexos.audit.decision"'],
    ["opa", 3, '"path":"cortexos/main/findings"'],
    ["records", 4, '"schema":"cortexos.record/1"'],
  ])("exports %s, sealed records alone", async (format, count, text) => {
    const { code, out } = await audit("export", "unsealed.jsonl", "--format", format);
    const lines = out.split("\n").filter((line) => line !== "");
    expect([code, lines.length]).toEqual([0, count]);
    expect(lines[0]).toContain(text);
    for (const line of lines) JSON.parse(line);
  });

  it("exports Protobuf, one message in base64 a line", async () => {
    const { out } = await audit("export", "records.jsonl", "--format", "protobuf", "--id", "w/1/2");
    expect(AuditEvent.decode(Buffer.from(out, "base64"))).toMatchObject({
      id: "w/1/2",
      outcome: "refused",
      chain: { writer: "w", epoch: 1, seq: 0 },
    });
  });

  it("exports CSV with a header, and no payload in it or in events", async () => {
    const { out } = await audit("export", "records.jsonl", "--format", "csv");
    expect(out.startsWith(CSV_HEADER)).toBe(true);
    expect(out.split("\r\n")).toHaveLength(6);
    const events = await audit("export", "records.jsonl", "--format", "events");
    expect(out + events.out).not.toContain("canary-payload");
  });

  it.each([
    [["verify", "nothing.jsonl"], 1, "there is no such file"],
    [["verify", "records.jsonl", "--key", "key.pem"], 2, "--key-name <name> is missing"],
    [["verify", "records.jsonl", "--key", "records.jsonl", "--key-name", "x"], 1, "no public key in PEM"],
    [["export", "records.jsonl", "--format", "xml"], 2, "--format wants one of"],
    [["query", "records.jsonl", "--since", "yesterday"], 2, "--since wants a time"],
    [["tail", "records.jsonl", "--count", "0"], 2, "--count wants a whole number"],
  ])("refuses %j in one line", async (args, code, text) => {
    const refused = await audit(...args);
    expect([refused.code, refused.out]).toEqual([code, ""]);
    expect(refused.error).toContain(text);
  });
});
