import {
  createTrailVerifier,
  readCheckpoint,
  readCheckpointKey,
  splitCheckpoints,
  type TrailReport,
} from "@cortexos/audit";
import { createTempDir, eventually, rawConnect } from "@cortexos/devkit";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAgentV3 } from "./agent-client.ts";
import { CONNECT } from "./attack-field.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

const SECRETS = {
  payload: "canary-payload-9f8b2c",
  header: "canary-header-7a61de",
  password: "canary-password-31c0aa",
  redactionKey: "canary-redaction-key-of-many-characters-1f",
};
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const privateKeyPem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const publicKeyPem = publicKey.export({ format: "pem", type: "spki" }).toString();

describe("the audit trail of a sidecar", () => {
  const keys = createTempDir("audit-keys");
  const file = (name: string, text: string): string => {
    const path = join(keys.path, name);
    writeFileSync(path, text);
    return path;
  };
  let rig: Rig;
  let outputs: readonly string[] = [];
  let trail: TrailReport;

  beforeAll(async () => {
    const audit = {
      checkpoints: {
        keyFile: file("sign.pem", privateKeyPem),
        keyName: "ops",
        place: { kind: "file", path: "checkpoints.txt" },
      },
      redaction: {
        keyFile: file("redaction", SECRETS.redactionKey),
        rules: [{ subjects: "work.>", pointers: ["/secret", "/args/secret"], headers: ["X-Secret"] }],
      },
    };
    const ownCredentials = { kind: "password", user: "sidecar", passwordFile: file("password", SECRETS.password) };
    const users = `[{user: sidecar, password: ${SECRETS.password}}, {user: agent, password: agent}]`;
    rig = await startRig({
      rego: BY_LAST_TOKEN,
      nats: { configText: `authorization { users: ${users} }\nno_auth_user: agent` },
      tapped: false,
      config: { audit, records: { kind: "file", path: "records.jsonl" } },
      upstream: (url) => ({ urls: [url], credentials: ownCredentials }),
    });
    const agent = await openAgentV3(rig.url);
    const call = JSON.stringify({ tool: "t", secret: SECRETS.payload, args: { secret: { deep: [SECRETS.payload] } } });
    for (const outcome of ["allow", "mod", "deny", "throttle", "throttle", "hold"]) {
      await agent.publish(`work.${outcome}`, call);
    }
    const raw = await rawConnect(rig.port);
    const block = `NATS/1.0\r\nX-Secret: ${SECRETS.header}\r\n\r\n`;
    await raw.write(`${CONNECT}HPUB work.deny ${block.length} ${block.length}\r\n${block}\r\nPING\r\n`);
    await raw.waitFor("PONG\r\n");
    raw.close();
    await eventually(() => lines(rig).filter((line) => line.includes('"type":"decision"')).length >= 7);
    const { body } = await rig.admin("GET", "/v1/approvals");
    const [held] = body["approvals"] as readonly { readonly id: string }[];
    await rig.admin("POST", `/v1/approvals/${held?.id ?? ""}/approve`);
    await eventually(() => lines(rig).some((line) => line.includes('"approval":{"hold_id"')));
    const metrics = await (await fetch(`http://${rig.sidecar.adminAddress}/metrics`)).text();
    const ready = await (await fetch(`http://${rig.sidecar.adminAddress}/readyz`)).text();
    await agent.close();
    await rig.sidecar.stop();
    const records = readFileSync(join(rig.folder, "records.jsonl"), "utf8");
    const notes = readFileSync(join(rig.folder, "checkpoints.txt"), "utf8");
    outputs = [metrics, ready, records, notes, JSON.stringify(rig.logged())];
    const verifier = createTrailVerifier([readCheckpointKey(publicKeyPem, "ops")]);
    for (const line of records.split(/(?<=\n)/)) verifier.line(line);
    for (const note of splitCheckpoints(notes)) verifier.checkpoint(readCheckpoint(note));
    trail = verifier.finish();
  });
  afterAll(async () => {
    await rig.stop();
    keys.remove();
  });

  it("passes in integrity, completeness, signer, anchors and approvals, to its last batch", () => {
    expect(trail).toMatchObject({
      integrity: "pass",
      completeness: "pass",
      signer: "pass",
      anchors: "pass",
      approvals: "pass",
      faults: [],
      counts: { unanchoredCount: 0, unsealedCount: 0 },
    });
    expect(trail.counts.recordCount).toBeGreaterThanOrEqual(8);
  });

  it.each(Object.entries(SECRETS))("has no %s in records, checkpoints, log, metrics or readiness", (_name, secret) => {
    for (const output of outputs) expect(output).not.toContain(secret);
  });

  it("says what was redacted", () => {
    const redacted = lines(rig).filter((line) => line.includes('"redactions":["/args/secret","/secret"]'));
    expect(redacted).toHaveLength(7);
  });
});

function lines(rig: Rig): readonly string[] {
  return readFileSync(join(rig.folder, "records.jsonl"), "utf8").split("\n");
}
