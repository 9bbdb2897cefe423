import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runApprovals } from "./approvals.ts";

const id = "00112233445566778899aabbccddeeff";
const hold = {
  id,
  status: "waiting",
  subject: "bank.transfer\u001b[2J",
  requester: "agent-7",
  tenant: "acme",
  approvers: "SRE_LEAD",
  quorum: 2,
  approval_count: 1,
  rule_ids: ["demo.money"],
  reason: "a transfer",
  frame_sha256: "sha256:f00d",
  expires_at: "2026-01-01T00:00:00.000Z",
};
const detail = {
  ...hold,
  reply: "",
  headers: [["X-A", "\u202e1"]],
  payload: { size_bytes: 2, text: "{}" },
};

const asked: string[] = [];
let answer: { status: number; text: string } = { status: 200, text: "{}" };

describe("runApprovals", () => {
  let server: Server;
  let url = "";
  let folder = "";
  let out = "";
  let error = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "cli-approvals-"));
    writeFileSync(join(folder, "token"), "t0ken\n");
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
    });
    await new Promise<void>((done) => {
      server.listen(0, "127.0.0.1", done);
    });
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    mkdirSync(join(folder, "project", ".cortexos"), { recursive: true });
    mkdirSync(join(folder, "project", "deep", "down"), { recursive: true });
    writeFileSync(
      join(folder, "project", ".cortexos", "admin.json"),
      JSON.stringify({ url, tokenFile: "../../token" }),
    );
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    asked.length = 0;
    out = "";
    error = "";
  });

  async function run(args: readonly string[], environment = {}, cwd = folder): Promise<number> {
    const io = {
      cwd,
      environment: { CORTEXOS_ADMIN_URL: url, CORTEXOS_ADMIN_TOKEN_FILE: "token", ...environment },
      out: (text: string) => {
        out += text;
      },
      error: (text: string) => {
        error += text;
      },
    };
    return runApprovals(args, io);
  }

  it("lists held messages as a table that no terminal obeys", async () => {
    answer = { status: 200, text: JSON.stringify({ approvals: [hold] }) };
    expect(await run(["list"])).toBe(0);
    expect(asked).toEqual(["GET /v1/approvals Bearer t0ken"]);
    expect(out.split("\n")).toEqual([
      "ID                                STATUS   SUBJECT                 REQUESTER  APPROVERS     EXPIRES                   RULES",
      `${id}  waiting  bank.transfer\\u{1b}[2J  agent-7    SRE_LEAD 1/2  2026-01-01T00:00:00.000Z  demo.money`,
      "",
    ]);
  });

  it("says so when nothing is held", async () => {
    answer = { status: 200, text: '{"approvals":[]}' };
    expect(await run(["list"])).toBe(0);
    expect(out).toBe("no message is held\n");
  });

  it("shows one with the hash that an approval binds", async () => {
    answer = { status: 200, text: JSON.stringify(detail) };
    expect(await run(["show", id])).toBe(0);
    expect(asked).toEqual([`GET /v1/approvals/${id} Bearer t0ken`]);
    expect(out).toContain("sha256     sha256:f00d\n");
    expect(out).toContain('headers    ["X-A","\\u{202e}1"]\n');
    expect(out).toContain("payload    {} (2 bytes)\n");
    expect(out).not.toContain("reply");
  });

  it.each(["approve", "deny"])("asks to %s and prints the hash", async (verb) => {
    answer = { status: 200, text: JSON.stringify({ ...hold, status: "approved", approval_count: 2 }) };
    expect(await run([verb, id])).toBe(0);
    expect(asked).toEqual([`POST /v1/approvals/${id}/${verb} Bearer t0ken`]);
    expect(out).toBe(`${id} approved (2 of 2 approvals) sha256:f00d\n`);
  });

  it.each([
    [{ kind: "release", rule_ids: [], reason: "" }, ": released"],
    [
      { kind: "refuse", rule_ids: ["hold.terms"], reason: "asks for more" },
      ": not released, asks for more (hold.terms)",
    ],
  ])("says what came of an approval: %o", async (result, end) => {
    answer = { status: 200, text: JSON.stringify({ ...hold, status: "approved", approval_count: 2, result }) };
    expect(await run(["approve", id])).toBe(0);
    expect(out).toBe(`${id} approved (2 of 2 approvals) sha256:f00d${end}\n`);
  });

  it("prints the answer as it came with --json", async () => {
    answer = { status: 200, text: JSON.stringify({ approvals: [hold] }) };
    expect(await run(["list", "--json"])).toBe(0);
    expect(JSON.parse(out)).toEqual({ approvals: [hold] });
  });

  it("says why the sidecar refused and exits 1", async () => {
    answer = { status: 403, text: '{"error":{"code":"approval.requester","message":"the requester can\'t approve"}}' };
    expect(await run(["approve", id])).toBe(1);
    expect(error).toBe("cortexos approvals: the requester can't approve (approval.requester)\n");
  });

  it("finds the endpoint that npm start wrote, from any folder below it", async () => {
    answer = { status: 200, text: '{"approvals":[]}' };
    const none = { CORTEXOS_ADMIN_URL: undefined, CORTEXOS_ADMIN_TOKEN_FILE: undefined };
    expect(await run(["list"], none, join(folder, "project", "deep", "down"))).toBe(0);
    expect(asked).toEqual(["GET /v1/approvals Bearer t0ken"]);
  });

  it("never sends the token found nearby to another address", async () => {
    const none = { CORTEXOS_ADMIN_URL: undefined, CORTEXOS_ADMIN_TOKEN_FILE: undefined };
    expect(await run(["list", "--url", url], none, join(folder, "project"))).toBe(1);
    expect(error).toMatch(/give --token-file/);
    expect(asked).toEqual([]);
  });

  it("prefers options to the environment", async () => {
    answer = { status: 200, text: '{"approvals":[]}' };
    const environment = { CORTEXOS_ADMIN_URL: "http://127.0.0.1:1", CORTEXOS_ADMIN_TOKEN_FILE: "none" };
    expect(await run(["list", "--url", url, "--token-file", join(folder, "token")], environment)).toBe(0);
  });

  it.each([
    [["list", "--url", "ftp://x"], /no http address/],
    [["list", "--url", "http://127.0.0.1:1"], /can't reach the sidecar at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/],
    [["list", "--token-file", "none"], /can't read the token's file/],
  ])("fails in one line: %j", async (args, message) => {
    expect(await run(args)).toBe(1);
    expect(error).toMatch(message);
    expect(error.match(/\n/g)).toHaveLength(1);
  });

  it("fails in one line when what answers is no sidecar", async () => {
    answer = { status: 200, text: "<html>" };
    expect(await run(["list"])).toBe(1);
    expect(error).toMatch(/isn't JSON; is it a sidecar's admin address\?\n$/);
    answer = { status: 200, text: "[]" };
    expect(await run(["show", id])).toBe(1);
    expect(error).toMatch(/the answer isn't a sidecar's\n$/);
  });

  it.each([
    [["watch"], /no such command: `watch`/],
    [["list", id], /list takes no id/],
    [["approve"], /approve takes one id/],
    [["approve", "../x"], /is no id of a held message/],
    [["list", "--frob"], /--frob/],
  ])("exits 2 with the usage for %j", async (args, message) => {
    expect(await run(args)).toBe(2);
    expect(error).toMatch(message);
    expect(error).toContain("usage: cortexos approvals list");
    expect(asked).toEqual([]);
  });

  it("prints the usage when asked", async () => {
    expect(await run(["--help"])).toBe(0);
    expect(out).toMatch(/^usage: cortexos approvals list/);
  });
});
