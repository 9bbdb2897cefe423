import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAttackField, type AttackField } from "./attack-field.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

const publish = (subject: string, reply = "", payload = "hi"): string =>
  `PUB ${subject}${reply === "" ? "" : ` ${reply}`} ${Buffer.byteLength(payload, "latin1")}\r\n${payload}\r\n`;

const withHeaders = (lines: string, subject = "work.a"): string => {
  const block = `NATS/1.0\r\n${lines}\r\n\r\n`;
  return `HPUB ${subject} ${block.length} ${block.length + 2}\r\n${block}hi\r\n`;
};

/** What can't be published to, whatever a policy says. */
const unpublishable: readonly (readonly [shows: string, subject: string])[] = [
  ["a wildcard at the end", "work.*"],
  ["a wildcard in the middle", "work.*.a"],
  ["everything below", "work.>"],
  ["everything", ">"],
  ["an empty token", "work..a"],
  ["a dot at the end", "work.a."],
  ["a dot at the beginning", ".work"],
  ["a dot alone", "."],
  ["bytes that aren't UTF-8", "work.\xff\xfe"],
  ["an overlong dot", "work\xc0\xaea"],
  ["a no-break space", "work.a\xc2\xa0b"],
  ["a zero-width space", "work.a\xe2\x80\x8bb"],
  ["text that turns around", "work.a\xe2\x80\xaeb"],
  ["a full-width dot", "work\xef\xbc\x8ea"],
  ["a Cyrillic letter", "work.\xd0\xb0"],
  ["a letter and its accent", "work.e\xcc\x81"],
  ["a letter with its accent", "work.\xc3\xa9"],
  ["1,000 tokens", `work${".t".repeat(1_000)}`],
  ["a token of 4,000 bytes", `work.${"x".repeat(4_000)}`],
];

const reserved = [
  "$SYS.REQ.SERVER.PING",
  "$SRV.PING",
  "$KV.settings.key",
  "$O.files.C.x",
  "$MQTT.msgs.x",
  "$NRG.V.x",
  "$GNR.x",
  "_R_.x",
  "_GR_.x",
  "_INBOX.victim.1",
  "sys.audit.event",
];

describe.each([
  ["that allows everything", ALLOW_ALL],
  ["that allows an agent's own work", undefined],
])("an attack by subject on a policy %s", (_, rego) => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField(rego === undefined ? {} : { rego });
  });
  afterAll(async () => {
    await field.stop();
  });

  it.each(unpublishable)("is refused, delivered nowhere, and the connection stays: %s", async (__, subject) => {
    const end = await field.attack({ chunks: [publish(subject), publish("work.after")], until: "answered" });
    expect(end.received).toMatch(/-ERR 'Permissions Violation for Publish to "[^"\r\n]*"/);
    expect(end.delivered.map(({ subject: to }) => to)).toEqual(["work.after"]);
    expect(end.violations).toEqual([]);
  });

  it.each(unpublishable)("as a reply is refused as well: %s", async (__, reply) => {
    const end = await field.attack({ chunks: [publish("work.a", reply)], until: "answered" });
    expect(end.received).toMatch(/-ERR 'Permissions Violation for Publish to "work.a"/);
    expect(end.delivered).toEqual([]);
  });

  it.each(unpublishable)("with headers is refused as well: %s", async (__, subject) => {
    const end = await field.attack({ chunks: [withHeaders("A: 1", subject)], until: "answered" });
    expect(end.received).toMatch(/-ERR 'Permissions Violation for Publish to "/);
    expect(end.delivered).toEqual([]);
  });
});

describe("an attack through what a message sets going", () => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField();
    const behind = await connect({ servers: field.rig.nats.url });
    await behind.request("$JS.API.STREAM.CREATE.LOG", JSON.stringify({ name: "LOG", subjects: ["log.>"] }));
    await behind.close();
    await field.rig.tap.flushed();
  });
  afterAll(async () => {
    await field.stop();
  });

  it.each(reserved)("on a subject that nobody allowed is denied: %s", async (subject) => {
    const end = await field.attack({ chunks: [publish(subject)], until: "answered" });
    expect(end.received).toContain("policy denied");
    expect(end.delivered).toEqual([]);
  });

  it.each([
    ["a subject of another's", publish("work.a", "work.secret")],
    ["another agent's inbox", publish("work.a", "_INBOX.victim.1")],
    ["a purge of a stream", publish("work.a", "$JS.API.STREAM.PURGE.LOG")],
    ["the system account", publish("work.a", "$SYS.REQ.SERVER.PING")],
    ["an acknowledgement of another's message", publish("work.a", "$JS.ACK.LOG.c.1.1.1.1.0")],
  ])("by having the answer go elsewhere is denied: %s", async (_, bytes) => {
    const end = await field.attack({ chunks: [bytes], until: "answered" });
    expect(end.received).toContain("policy denied");
    expect(end.delivered).toEqual([]);
  });

  it.each([
    ["traces to another subject", "Nats-Trace-Dest: work.secret"],
    ["traces, by a name in another case", "NATS-TRACE-DEST: work.secret"],
    ["a schedule that publishes later", "Nats-Schedule: @at 2030-01-01T00:00:00Z\r\nNats-Schedule-Target: work.secret"],
    ["a rollup of the whole stream", "Nats-Rollup: all"],
    ["the second of two values", "Nats-Trace-Dest: work.b\r\nNats-Trace-Dest: work.secret"],
  ])("by a header that the server obeys is denied: %s", async (_, lines) => {
    const end = await field.attack({ chunks: [withHeaders(lines)], until: "answered" });
    expect(end.received).toContain("policy denied");
    expect(end.delivered).toEqual([]);
  });

  const consumer = "$JS.API.CONSUMER.CREATE.LOG.c";
  const stream = "$JS.API.STREAM.CREATE.EVIL";
  const secret = "work.secret";
  it.each([
    ["a consumer that delivers", consumer, { stream_name: "LOG", config: { name: "c", deliver_subject: secret } }],
    ["the same in capitals", consumer, { stream_name: "LOG", config: { name: "c", DELIVER_SUBJECT: secret } }],
    ["a stream that republishes", stream, { name: "EVIL", subjects: ["e.>"], republish: { src: ">", dest: secret } }],
    [
      "a stream that maps subjects",
      stream,
      { name: "EVIL", subjects: ["e"], subject_transform: { src: "e", dest: secret } },
    ],
    ["a stream that copies another", stream, { name: "EVIL", sources: [{ name: "LOG" }] }],
    ["a purge", "$JS.API.STREAM.PURGE.LOG", {}],
    ["a stream's end", "$JS.API.STREAM.DELETE.LOG", {}],
  ])("by a request that has JetStream publish or destroy is denied: %s", async (_, subject, body) => {
    const end = await field.attack({
      chunks: [publish(subject, "_INBOX.own.1", JSON.stringify(body))],
      until: "answered",
    });
    expect(end.received).toContain("policy denied");
    expect(end.delivered).toEqual([]);
  });

  it("leaves a harmless request of the same kind alone", async () => {
    const body = JSON.stringify({ stream_name: "LOG", config: { name: "c", deliver_subject: "_INBOX.own.2" } });
    const bytes = publish("$JS.API.CONSUMER.CREATE.LOG.c", "_INBOX.own.1", body);
    const end = await field.attack({ chunks: [bytes, publish("work.a", "_INBOX.own.1")], until: "answered" });
    expect(end.received).not.toContain("-ERR");
    expect(end.delivered.map(({ subject }) => subject)).toContain("work.a");
  });
});
