import { createTempDir, startNatsServer, tap, type NatsServer, type Tap, type TempDir } from "@cortexos/devkit";
import { openBundle, createPolicy, type Policy } from "@cortexos/engine";
import { decideInput } from "@cortexos/kernel";
import { canonicalJson, digestText, sha256Hex, isReasonCode, type DecisionRecord } from "@cortexos/protocol";
import { parseConfig, startSidecar, type Sidecar } from "@cortexos/sidecar";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectV2 } from "nats";
import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Guarded } from "../src/index.ts";
import { guardOptions, LINES, makeHeaders, open, type Line } from "./agents.ts";
import { buildTestBundle, type TestBundle } from "./test-bundle.ts";

/** Reads every part of a message, and gives every outcome that needs no clock of a store. */
const READS_ALL = `# METADATA
# title: Reads all
# description: Decides by every part of a message.
package cortexos.rules.test.reads_all

allow contains {"reason": sprintf("%d bytes of %s", [input.message.size_bytes, input.message.format])} if input.message.size_bytes < 200

allow contains {"id": "test.short_subject", "reason": input.message.subject} if count(input.message.tokens) < 3

deny contains {"id": "test.header", "reason": concat(",", values)} if {
	some name, values in input.message.headers
	startswith(name, "x-deny")
}

deny contains {"id": "test.effect", "reason": effect.subject} if {
	some effect in input.message.effects
	effect.kind != "reply"
}

deny contains {"id": "test.tool", "reason": input.action.tool} if input.action.args.force == true

require_human contains {"id": "test.hold", "reason": "large", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 1} if input.message.payload.amount > 100

modify contains {"id": "test.mod", "reason": "redacted", "set": {"/secret": "***"}, "remove": []} if input.message.payload.secret
`;

/** One thing to publish. */
interface Sent {
  readonly subject: string;
  readonly reply: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly payload: Uint8Array;
}

describe.each(LINES)("the sidecar and the guard of %s", (line) => {
  let nats: NatsServer;
  let sidecar: Sidecar;
  let folder: TempDir;
  let bundle: TestBundle;
  let policy: Policy;
  let behind: Tap;
  let guarded: Guarded<NatsConnection>;
  let proxied: NatsConnection;
  let latest: DecisionRecord | undefined;
  beforeAll(async () => {
    nats = await startNatsServer({ jetStream: false });
    bundle = await buildTestBundle(READS_ALL);
    policy = createPolicy(openBundle(bundle.bytes, { ...bundle.trust, nowNs: BigInt(Date.now()) * 1_000_000n }));
    folder = createTempDir("differential");
    sidecar = await startSidecar(sidecarConfig(folder.path, nats.url, bundle));
    behind = await tap(nats.url, ">");
    guarded = await open(line, nats.url, guardOptions(bundle));
    guarded.on("decision", (record) => {
      latest = record;
    });
    proxied = await openProxied(line, `nats://${sidecar.address}`);
  });
  afterAll(async () => {
    await guarded.close();
    await proxied.close();
    await sidecar.stop();
    await behind.close();
    await nats.stop();
    folder.remove();
  });

  it("decide the same, byte for byte, and send the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(sentArbitrary, async (sent) => {
        behind.clear();
        publish(line, guarded, sent);
        await guarded.flush();
        const byGuard = (await behind.flushed()).map(onTheBus);
        behind.clear();
        publish(line, proxied, sent);
        await proxied.flush();
        const bySidecar = (await behind.flushed()).map(onTheBus);
        expect(byGuard).toEqual(bySidecar);
        const theirs = sidecar.recentRecords().findLast((record) => record.type === "decision");
        expectSame(latest, theirs, policy);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });
});

/** Only the clock, the session's id and the way in may differ; with those of the other, everything is the same. */
function expectSame(ours: DecisionRecord | undefined, theirs: DecisionRecord | undefined, policy: Policy): void {
  if (ours === undefined || theirs === undefined) throw new Error("a message without a decision");
  const { now_ns, context } = theirs.input;
  const input = {
    ...ours.input,
    now_ns,
    context: { ...ours.input.context, session: context.session, source: context.source },
  };
  expect(canonicalJson(input)).toBe(canonicalJson(theirs.input));
  const inputDigest = digestText(canonicalJson(input));
  const sameMoment = {
    ...ours.decision,
    evaluated_at: now_ns,
    input_digest: inputDigest,
    decision_id: sha256Hex(ours.decision.bundle_digest + inputDigest).slice(0, 32),
    ...(ours.decision.hold !== undefined && theirs.decision.hold !== undefined
      ? { hold: { ...ours.decision.hold, expires_at_ns: theirs.decision.hold.expires_at_ns } }
      : {}),
  };
  expect(canonicalJson(sameMoment)).toBe(canonicalJson(theirs.decision));
  const isDerived = !theirs.decision.rule_ids.some(isReasonCode);
  const again = isDerived ? decideInput(input, policy) : theirs.decision;
  expect(canonicalJson(again)).toBe(canonicalJson(theirs.decision));
  // A held frame carries the id of its decision.
  const frames = [ours, theirs].map((record) =>
    record.decision.outcome === "REQUIRE_HUMAN" ? "" : record.frame_sha256,
  );
  expect(frames[0]).toBe(frames[1]);
  expect(ours.durability).toBe(theirs.durability);
}

function publish(line: Line, connection: NatsConnection, { subject, reply, headers, payload }: Sent): void {
  try {
    connection.publish(subject, payload, {
      ...(reply !== "" && { reply }),
      ...(headers.length > 0 && { headers: makeHeaders(line, headers) }),
    });
  } catch {
    // A refusal of the guard; the sidecar tells its own later.
  }
}

function onTheBus(message: Awaited<ReturnType<Tap["flushed"]>>[number]): unknown {
  const { subject, reply, headers, payload } = message;
  return { subject, reply, headers, payload: Buffer.from(payload).toString("hex") };
}

async function openProxied(line: Line, servers: string): Promise<NatsConnection> {
  if (line === "v3") return connect({ servers });
  return (await connectV2({ servers })) as unknown as NatsConnection;
}

function sidecarConfig(folder: string, natsUrl: string, bundle: TestBundle): ReturnType<typeof parseConfig> {
  const [key] = bundle.trust.trustedKeys;
  writeFileSync(join(folder, "bundle.tar.gz"), bundle.bytes);
  writeFileSync(join(folder, "key.pem"), key.publicKeyPem);
  return parseConfig(
    {
      listeners: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
      upstream: { urls: [natsUrl] },
      caller: { principal: { id: "agent-7", tenant: "acme", roles: ["OPERATOR"] }, environment: "dev" },
      bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId: key.keyId, publicKeyFile: "key.pem" }], watch: false },
      records: { kind: "memory" },
      admin: { port: 0, approvers: [] },
      log: { level: "silent" },
    },
    { directory: folder, source: "differential" },
  );
}

const token = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("a", "job", "code", "tool", "$JS", "API", "STREAM", "CREATE", "S", "$KV", "sys"),
  },
  { weight: 1, arbitrary: fc.constantFrom("*", ">", "é", "x*y", '"q"', "'") },
  { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{1,20}$/) },
);
const subject = fc.oneof(
  { weight: 9, arbitrary: fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join(".")) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "a..b",
      ".a",
      "a.",
      "$JS.API.STREAM.CREATE.S",
      "$JS.EX.API.CONSUMER.CREATE.S",
      "x".repeat(300),
    ),
  },
);
const headerField = fc.tuple(
  fc.constantFrom(
    "X-Deny",
    "x-note",
    "X-Note",
    "Nats-Msg-Id",
    "Nats-Schedule-Target",
    "Nats-Trace-Dest",
    "Nats-Rollup",
    "cortexos-hop-count",
  ),
  fc.oneof(fc.constantFrom("1", "sub", "all", "", "a b", "ünïcode", "007"), fc.stringMatching(/^[!-~][ -~]{0,20}$/)),
);
const tree = fc.oneof(
  fc.json(),
  fc
    .record(
      { tool: fc.constantFrom("mail", "pay"), args: fc.record({ force: fc.boolean() }), secret: fc.string() },
      { requiredKeys: [] },
    )
    .map((v) => JSON.stringify(v)),
  fc
    .record({ amount: fc.integer({ min: 0, max: 200 }), secret: fc.string() }, { requiredKeys: [] })
    .map((v) => JSON.stringify(v)),
  fc.record({ republish: fc.record({ dest: fc.constantFrom("x", "y.z") }) }).map((v) => JSON.stringify(v)),
  fc.constantFrom(
    '{"a":1,"a":2}',
    '{"n":12345678901234567890}',
    "[1,",
    " { } ",
    '{"__proto__":{"force":true}}',
    "\ufeff{}",
    '{"\\ud800":1}',
  ),
);
const payload = fc.oneof(
  { weight: 5, arbitrary: tree.map((text) => new Uint8Array(Buffer.from(text))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) },
);
const sentArbitrary: fc.Arbitrary<Sent> = fc.record({
  subject,
  reply: fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    fc.constantFrom("_INBOX.a.b", "reply.here", "a.*", "a..b"),
  ),
  headers: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(headerField, { maxLength: 4 })),
  payload,
});
