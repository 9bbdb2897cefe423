import type { Hold } from "@cortexos/kernel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { createAdminRoutes, type AdminParts } from "./admin-routes.ts";
import { createAdminServer } from "./admin-server.ts";
import { readApprovers } from "./approver-tokens.ts";
import type { PartState } from "./readiness.ts";

const token = "t0ken-of-the-approver-1";
const hold: Hold = {
  id: "00112233445566778899aabbccddeeff",
  decision: {
    decision_id: "00112233445566778899aabbccddeeff",
    outcome: "REQUIRE_HUMAN",
    rule_ids: ["demo.money"],
    reason: "a transfer \u001b[31mneeds\u202e a person",
    bundle_digest: "sha256:b",
    input_digest: "sha256:i",
    engine: "opa-wasm",
    evaluated_at: "1700000000000000000",
    hold: { approvers: "SRE_LEAD", quorum: 1, expires_at_ns: "1700000060000000000" },
  },
  message: {
    subject: "bank.transfer",
    reply: "_INBOX.x",
    headers: [["X-Note", "a\tb"]],
    payload: Buffer.from('{"to":"\u200bmallory"}'),
  },
  input: {
    principal: { id: "agent-7", kind: "agent", roles: [], tenant: "acme", authenticated_by: "config" },
    job_meta: {
      job_id: "",
      topic: "bank.transfer",
      tenant: "acme",
      environment: "dev",
      priority: 0,
      sla_ms: 0,
      risk_tags: [],
      labels: {},
    },
    message: {
      subject: "bank.transfer",
      tokens: ["bank", "transfer"],
      reply: "_INBOX.x",
      headers: {},
      size_bytes: 1,
      format: "json",
      payload: {},
      payload_sha256: "",
      effects: [],
    },
    cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
    budget_state: {},
    context: { session: { id: "s", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
    now_ns: "1700000000000000000",
  },
  frameSha256: "sha256:f",
  requester: { id: "agent-7", kind: "agent", roles: ["OPERATOR"], tenant: "acme", authenticated_by: "config" },
  approvals: [],
  status: "waiting",
};

const asked: string[] = [];
const approvals: AdminParts["approvals"] = {
  list: async () => Promise.resolve([hold]),
  show: async (id) => Promise.resolve(id === hold.id ? hold : undefined),
  approve: async (id, by) => {
    asked.push(`approve ${id} ${by.id}`);
    const decision = {
      ...hold.decision,
      outcome: "DENY",
      rule_ids: ["hold.terms"],
      reason: "asks for more\u0007",
    } as const;
    return Promise.resolve({
      ok: true,
      hold: { ...hold, status: "approved" },
      result: { kind: "refuse", status: 403, decision },
    });
  },
  deny: async () => Promise.resolve({ ok: false, code: "approval.not_waiting", reason: "already decided" }),
};

describe("createAdminServer", () => {
  let server: Server;
  let directory = "";
  let base = "";
  let port = 0;
  let bundle: PartState = { ok: false, detail: "no bundle" };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sidecar-admin-"));
    const tokenFile = join(directory, "token");
    writeFileSync(tokenFile, `${token}\n`);
    const principal = { id: "ada", kind: "human", roles: ["SRE_LEAD"], tenant: "acme" } as const;
    const routes = createAdminRoutes({
      approvals,
      findApprover: readApprovers([{ tokenFile, principal }]),
      readParts: () => ({ bundle, upstream: { ok: true, detail: "connected" } }),
      metrics: { text: async () => Promise.resolve("up 1\n"), contentType: "text/plain" },
    });
    server = createAdminServer(routes, createLogger("silent"));
    await new Promise<void>((done) => {
      server.listen(0, "127.0.0.1", done);
    });
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
    base = `http://127.0.0.1:${port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  });

  const authorization = { authorization: `Bearer ${token}` };

  it("is healthy while it runs", async () => {
    const answer = await fetch(`${base}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
  });

  it("is ready only when every part is, and says which isn't", async () => {
    const unready = await fetch(`${base}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({
      ready: false,
      checks: { bundle: { ok: false, detail: "no bundle" }, upstream: { ok: true, detail: "connected" } },
      reasons: ["bundle: no bundle"],
    });
    bundle = { ok: true, detail: "sha256:b" };
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
  });

  it("gives metrics as they are", async () => {
    const answer = await fetch(`${base}/metrics`);
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["text/plain", "up 1\n"]);
  });

  it.each([
    ["no token", {}],
    ["a wrong token", { authorization: `Bearer ${token}x` }],
    ["a token that is a prefix", { authorization: `Bearer ${token.slice(0, -1)}` }],
    ["another scheme", { authorization: `Basic ${token}` }],
    ["an empty token", { authorization: "Bearer " }],
  ])("answers 401 to %s", async (_, headers) => {
    for (const path of ["/v1/approvals", `/v1/approvals/${hold.id}`]) {
      const answer = await fetch(`${base}${path}`, { headers });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toHaveProperty("error.code", "request.unauthorized");
    }
    expect((await fetch(`${base}/v1/approvals/${hold.id}/approve`, { method: "POST", headers })).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it("shows a held message so that no screen obeys it", async () => {
    const answer = await fetch(`${base}/v1/approvals/${hold.id}`, { headers: authorization });
    expect(await answer.json()).toMatchObject({
      id: hold.id,
      status: "waiting",
      subject: "bank.transfer",
      reason: "a transfer \\u{1b}[31mneeds\\u{202e} a person",
      headers: [["X-Note", "a\\u{9}b"]],
      payload: { size_bytes: 19, text: '{"to":"\\u{200b}mallory"}' },
      frame_sha256: "sha256:f",
      expires_at: "2023-11-14T22:14:20.000Z",
    });
  });

  it("lists held messages", async () => {
    const answer = await fetch(`${base}/v1/approvals`, { headers: authorization });
    expect(await answer.json()).toMatchObject({ approvals: [{ id: hold.id, requester: "agent-7", quorum: 1 }] });
  });

  it("approves as the principal of the token", async () => {
    const answer = await fetch(`${base}/v1/approvals/${hold.id}/approve`, { method: "POST", headers: authorization });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { status: "approved", result: { kind: "refuse", rule_ids: ["hold.terms"], reason: "asks for more\\u{7}" } },
    ]);
    expect(asked).toEqual([`approve ${hold.id} ada`]);
  });

  it.each([
    { method: "POST", verb: "/deny", status: 409, code: "approval.not_waiting" },
    { method: "GET", verb: "/approve", status: 405, code: "request.method" },
    { method: "POST", verb: "", status: 405, code: "request.method" },
    { method: "POST", verb: "/release", status: 404, code: "approval.unknown" },
  ])("answers $method …$verb with $status $code", async ({ method, verb, status, code }) => {
    const answer = await fetch(`${base}/v1/approvals/${hold.id}${verb}`, { method, headers: authorization });
    expect([answer.status, await answer.json()]).toMatchObject([status, { error: { code } }]);
  });

  it.each(["/", "/v1", "/v1/approvals/..%2f", "/v1/approvalsX", "//readyz", "/metrics/x"])(
    "has nothing at %s",
    async (path) => {
      expect((await fetch(`${base}${path}`, { headers: authorization })).status).toBe(404);
    },
  );

  it("refuses a body that is too large", async () => {
    const status = await new Promise<number>((done, fail) => {
      const request = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/healthz" }, (response) => {
        done(response.statusCode ?? 0);
      });
      request.on("error", fail);
      request.end(Buffer.alloc(5_000));
    });
    expect(status).toBe(413);
  });

  it("refuses a header block that is too large", async () => {
    const answer = await new Promise<string>((done, fail) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(9_000)}\r\n\r\n`);
      });
      socket.on("data", (chunk) => {
        done(chunk.toString());
      });
      socket.on("error", fail);
    });
    expect(answer).toContain("431");
  });
});

describe("readApprovers", () => {
  it("refuses a short token and one token for two", () => {
    const directory = mkdtempSync(join(tmpdir(), "sidecar-tokens-"));
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const principal = { id: "ada", kind: "human", roles: [], tenant: "acme" } as const;
    const short = file("short", "abc");
    const good = file("good", token);
    expect(() => readApprovers([{ tokenFile: short, principal }])).toThrow(/at least 22 characters/);
    expect(() =>
      readApprovers([
        { tokenFile: good, principal },
        { tokenFile: good, principal: { ...principal, id: "bob" } },
      ]),
    ).toThrow(/the same token/);
    expect(() => readApprovers([{ tokenFile: join(directory, "none"), principal }])).toThrow(/can't read the secret/);
    rmSync(directory, { recursive: true });
  });
});
