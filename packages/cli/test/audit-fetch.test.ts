import { createTempDir, startNatsServer, type NatsServer, type TempDir } from "@cortexos/devkit";
import { openJetStreamRecordSink } from "@cortexos/stores";
import type { AuditRecord } from "@cortexos/protocol";
import { connect } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCortexos } from "../src/run-cortexos.ts";

const recordOf = (n: number): AuditRecord => ({
  schema: "cortexos.record/1",
  record_id: `w/1/${n}`,
  at_ns: String(n),
  origin: { writer: "w", connection: "" },
  type: "approval",
  hold_id: `h-${n}`,
  verdict: "approve",
  by: "ada",
});

describe("cortexos audit fetch", () => {
  let nats: NatsServer;
  let folder: TempDir;
  beforeAll(async () => {
    folder = createTempDir("audit-fetch");
    writeFileSync(join(folder.path, "password"), "secret-of-the-auditor\n");
    nats = await startNatsServer({
      configText: "authorization { users: [{user: auditor, password: secret-of-the-auditor}] }",
    });
    const connection = await connect({ servers: nats.url, user: "auditor", pass: "secret-of-the-auditor" });
    const sink = await openJetStreamRecordSink({ connection, writer: "w" });
    for (let n = 1; n <= 700; n++) await sink.append(recordOf(n));
    await sink.close();
    await connection.close();
  });
  afterAll(async () => {
    await nats.stop();
    folder.remove();
  });

  async function audit(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
    const texts = { out: "", error: "" };
    const code = await runCortexos(["audit", ...args], {
      cwd: folder.path,
      environment: {},
      nowNs: () => 1n,
      out: (text) => void (texts.out += text),
      error: (text) => void (texts.error += text),
    });
    return { code, ...texts };
  }
  const login = ["--user", "auditor", "--password-file", "password"];

  it("gives a stream as a file that passes", async () => {
    const fetched = await audit("fetch", "--server", nats.url, ...login);
    expect([fetched.code, fetched.error]).toEqual([0, ""]);
    writeFileSync(join(folder.path, "records.jsonl"), fetched.out);
    const verified = await audit("verify", "records.jsonl", "--json");
    expect(JSON.parse(verified.out)).toMatchObject({
      integrity: "pass",
      completeness: "pass",
      counts: { recordCount: 700, batchCount: 700 },
    });
    const tail = await audit("fetch", "--server", nats.url, "--from", "700", ...login);
    expect(tail.out.split("\n")[0]).toBe(JSON.stringify(recordOf(700)));
    expect((await audit("fetch", "--server", nats.url, "--from", "701", ...login)).out).toBe("");
  });

  it("says in one line what is wrong, and never the password", async () => {
    const wrong = await audit("fetch", "--server", nats.url);
    expect([wrong.code, wrong.out]).toEqual([1, ""]);
    expect(wrong.error).toMatch(/^cortexos audit fetch: can't connect: .+\n$/);
    const missing = await audit("fetch", "--server", nats.url, "--stream", "NONE", ...login);
    expect(missing).toMatchObject({ code: 1, error: expect.stringContaining("can't read stream NONE") });
    expect(wrong.error + missing.error).not.toContain("secret-of-the-auditor");
  });
});
