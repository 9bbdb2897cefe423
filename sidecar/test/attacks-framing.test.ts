import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECT, greeted, openAttackField, type AttackEnd, type AttackField } from "./attack-field.ts";

const PUB_AFTER = "PUB work.after 2\r\nhi\r\n";
const hpub = (block: string, body = "hi", headerBytes = block.length): string =>
  `HPUB work.a ${headerBytes} ${block.length + body.length}\r\n${block}${body}\r\n`;

interface Violation {
  readonly shows: string;
  readonly chunks: readonly string[];
  readonly code: string;
}

const sizes = [
  "-1",
  "+5",
  "0x5",
  "5e0",
  "5.0",
  "\xd9\xa5",
  "2147483648",
  "9007199254740993",
  "18446744073709551621",
  "",
];

/** What two readers may read differently, or what isn't a client's to say: the connection ends there. */
const violations: readonly Violation[] = [
  { shows: "a CR inside a subject, in one piece", chunks: ["PUB work.a\rb 55\nxxxxx\r\n"], code: "wire.control_line" },
  {
    shows: "a CR inside a subject, cut after it",
    chunks: ["PUB work.a\r", `b 55\n${"x".repeat(55)}\r\n`],
    code: "wire.control_line",
  },
  { shows: "a CR before the size", chunks: ["PUB work.a \r2\r\nhi\r\n"], code: "wire.control_line" },
  { shows: "a form feed for a blank", chunks: ["PUB work.a\f2\r\nhi\r\n"], code: "wire.control_line" },
  ...sizes.map((size) => ({
    shows: `the size ${JSON.stringify(size)}`,
    chunks: [`PUB work.a ${size}\r\nhello\r\n`],
    code: size === "" ? "wire.arguments" : "wire.size",
  })),
  {
    shows: "the size 999999999, before anything of it is kept",
    chunks: ["PUB work.a 999999999\r\n"],
    code: "wire.payload_too_large",
  },
  {
    shows: "a payload above the limit, before it comes",
    chunks: ["PUB work.a 2000000\r\n"],
    code: "wire.payload_too_large",
  },
  { shows: "too many arguments", chunks: ["PUB work.a b c 5\r\nhello\r\n"], code: "wire.arguments" },
  { shows: "too few arguments", chunks: ["PUB work.a\r\n"], code: "wire.arguments" },
  {
    shows: "a declared size that is too small, with a command after it",
    chunks: ["PUB work.a 0\r\nPUB work.b 2\r\nhi\r\n"],
    code: "wire.payload_end",
  },
  { shows: "a payload that ends in LF", chunks: ["PUB work.a 2\r\nhi\n"], code: "wire.payload_end" },
  {
    shows: "a header size that cuts the block",
    chunks: [hpub("NATS/1.0\r\nA: 1\r\n\r\n", "hello", 10)],
    code: "wire.header_block",
  },
  {
    shows: "a header size above the total",
    chunks: ["HPUB work.a 14 12\r\nNATS/1.0\r\n\r\nhi\r\n"],
    code: "wire.size",
  },
  { shows: "a first header line that is none", chunks: [hpub("GARBAGE/9\r\nA: 1\r\n\r\n")], code: "wire.header_block" },
  { shows: "a forged status of no responders", chunks: [hpub("NATS/1.0 503\r\n\r\n", "")], code: "wire.header_block" },
  {
    shows: "a forged JetStream control message",
    chunks: [hpub("NATS/1.0 409 Consumer Deleted\r\n\r\n", "")],
    code: "wire.header_block",
  },
  {
    shows: "a bare LF between headers",
    chunks: [hpub("NATS/1.0\r\nX-A: 1\nX-Agent: root\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "a bare CR between headers",
    chunks: [hpub("NATS/1.0\r\nX-A: 1\rX-Agent: root\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "a folded header",
    chunks: [hpub("NATS/1.0\r\nX-A: 1\r\n X-Agent: root\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "a blank line inside the block",
    chunks: [hpub("NATS/1.0\r\n\r\nX-Agent: root\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "NUL and a byte that isn't UTF-8 in a header name",
    chunks: [hpub("NATS/1.0\r\nX-\xff\0: root\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "a header value that isn't UTF-8",
    chunks: [hpub("NATS/1.0\r\nX-A: \xff\r\n\r\n")],
    code: "wire.header_block",
  },
  {
    shows: "10,000 header lines",
    chunks: [hpub(`NATS/1.0\r\n${"A:\r\n".repeat(10_000)}\r\n`)],
    code: "wire.header_limit",
  },
  {
    shows: "a header value of half a megabyte",
    chunks: [hpub(`NATS/1.0\r\nA: ${"x".repeat(524_288)}\r\n\r\n`)],
    code: "wire.header_limit",
  },
  {
    shows: "a header name that is too long",
    chunks: [hpub(`NATS/1.0\r\n${"n".repeat(300)}: x\r\n\r\n`)],
    code: "wire.header_limit",
  },
  {
    shows: "a control line that is too long",
    chunks: [`PUB work.${"x".repeat(5_000)} 2\r\nhi\r\n`],
    code: "wire.control_line_too_long",
  },
  {
    shows: "a control line without an end",
    chunks: [`PUB work.${"x".repeat(5_000)}`],
    code: "wire.control_line_too_long",
  },
  ...[
    "+OK",
    "-ERR 'x'",
    "INFO {}",
    "MSG work.a 1 0",
    "HMSG work.a 1 12 12",
    "RMSG $G work.a 2",
    "LMSG work.a 2",
    "RS+ $G work.>",
    "LS+ work.>",
    "A+ acc",
  ].map((verb) => ({
    shows: `a verb that isn't a client's: ${verb}`,
    chunks: [`${verb}\r\n`],
    code: "wire.unknown_operation",
  })),
  { shows: "a TLS hello", chunks: ["\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"], code: "wire.unknown_operation" },
  { shows: "an HTTP request", chunks: ["GET /connz HTTP/1.1\r\nHost: a\r\n\r\n"], code: "wire.unknown_operation" },
  {
    shows: "a WebSocket upgrade with compression",
    chunks: ["GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"],
    code: "wire.unknown_operation",
  },
];

describe("an attack on the framing", () => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField();
  });
  afterAll(async () => {
    await field.stop();
  });

  it.each(violations)(
    "ends its own connection, is recorded, and nothing after it is delivered: $shows",
    async ({ chunks, code }) => {
      const before = "PUB work.before 2\r\nhi\r\n";
      const end = await field.attack({ chunks: [before, ...chunks, PUB_AFTER], until: "closed" });
      expect(end.violations).toEqual([code]);
      expect(end.delivered.map(({ subject }) => subject)).toEqual(["work.before"]);
    },
  );

  it.each(violations)("does the same in one segment: $shows", async ({ chunks, code }) => {
    const end = await field.attack({ chunks: [[...chunks, PUB_AFTER].join("")], until: "closed" });
    expect(end.violations).toEqual([code]);
    expect(end.delivered).toEqual([]);
  });

  it.each([
    "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    "GET / HTTP/1.1\r\n\r\n",
    "\0",
    "\r\n",
    "\x1b[2J\x1b[31mfake log line\n",
  ])("as the first bytes ends the connection, and none of them reaches a log or a record: %j", async (bytes) => {
    const loggedCount = field.rig.logged().length;
    const end = await field.attack({ chunks: [bytes], greets: false, until: "closed" });
    expect(end.violations).toEqual(["wire.unknown_operation"]);
    const told = JSON.stringify([field.rig.logged().slice(loggedCount), field.rig.sidecar.recentRecords().at(-2)]);
    expect(told).not.toMatch(/HTTP|fake|\\u001b|\\u0016/);
  });

  it.each([
    { shows: "verbs in any case", bytes: "pub work.a 5\r\nhello\r\nPuB work.a 5\r\nhello\r\n" },
    { shows: "tabs and runs of blanks", bytes: "pub\twork.a\t \t5\r\nhello\r\nPUB  work.a  5 \r\nhello\r\n" },
    { shows: "LF line ends and leading zeros", bytes: "PUB work.a 5\nhello\r\nPUB work.a 000005\r\nhello\r\n" },
    { shows: "a header size of 0", bytes: "HPUB work.a 0 5\r\nhello\r\nhpub work.a 0 5\r\nhello\r\n" },
  ])("written oddly is decided and delivered as what it means: $shows", async ({ bytes }) => {
    const end = await field.attack({ chunks: [bytes], until: "answered" });
    expect(end.delivered.map(({ subject, text }) => [subject, text])).toEqual([
      ["work.a", "hello"],
      ["work.a", "hello"],
    ]);
    const denied = await field.attack({ chunks: [bytes.replaceAll("work.a", "work.secret")], until: "answered" });
    expect(denied.delivered).toEqual([]);
    expect(denied.received.match(/rule=test\.secret/g)).toHaveLength(2);
  });

  it("that hides a command in a payload delivers one payload", async () => {
    const payload = "x\r\nPUB work.secret 2\r\nhi\r\n";
    const end = await field.attack({ chunks: [`PUB work.a ${payload.length}\r\n${payload}\r\n`], until: "answered" });
    expect(end.delivered.map(({ subject, text }) => [subject, text])).toEqual([["work.a", payload]]);
  });

  it("that compresses a payload delivers it as it is: nothing is inflated", async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000)).toString("latin1");
    const end = await field.attack({ chunks: [`PUB work.a ${bomb.length}\r\n${bomb}\r\n`], until: "answered" });
    expect(Buffer.from(end.delivered[0]?.payload ?? []).toString("latin1")).toBe(bomb);
  });

  it.each([
    ["a second value after a good one", "X-Agent: agent-7\r\nX-Agent: root"],
    ["a second value before a good one", "X-Agent: root\r\nX-Agent: agent-7"],
    ["a name in capitals", "X-AGENT: root"],
    ["a name in small letters", "x-agent: root"],
    ["no blank after the colon", "X-Agent:root"],
    ["blanks around the value", "X-Agent: \t root \t"],
  ])("that claims an identity in a header is seen by the policy: %s", async (_, lines) => {
    const end = await field.attack({ chunks: [hpub(`NATS/1.0\r\n${lines}\r\n\r\n`)], until: "answered" });
    expect(end.received).toContain("rule=test.impostor");
    expect(end.delivered).toEqual([]);
  });

  it("gives the same for every cut of the stream", async () => {
    const block = "NATS/1.0\r\nX-Agent: agent-7\r\n\r\n";
    const stream = `SUB work.> 1\r\npub\twork.a 1\nx\r\n${hpub(block)}PUB work.secret 1\r\nx\r\nPUB work.b _INBOX.own.1 0\r\n\r\nUNSUB 1\r\n`;
    const whole = await field.attack({ chunks: [stream], until: "answered" });
    expect(whole.delivered).toHaveLength(3);
    const linesOf = ({ received }: AttackEnd): readonly string[] =>
      received
        .replace(/ id=\S+/g, "")
        .split("\r\n")
        .sort();
    for (let cut = 1; cut < stream.length; cut++) {
      const end = await field.attack({ chunks: [stream.slice(0, cut), stream.slice(cut)], until: "answered" });
      expect(end.delivered).toEqual(whole.delivered);
      // An error of the gate's own may come before or after what the server sends.
      expect(linesOf(end)).toEqual(linesOf(whole));
    }
  });
});

describe("a slow attack", () => {
  let field: AttackField;
  beforeAll(async () => {
    field = await openAttackField({ config: { limits: { clientConnectMs: 300, drainMs: 500 } } });
  });
  afterAll(async () => {
    await field.stop();
  });

  it.each([
    ["nothing at all", []],
    ["PINGs and no CONNECT", ["PING\r\n", "PING\r\n"]],
    ["a CONNECT that never ends", CONNECT.slice(0, -4).split("")],
  ])("in place of a CONNECT is closed after its time: %s", async (_, chunks) => {
    const end = await field.attack({ chunks, greets: false, until: "closed" });
    expect(end.received).toContain("-ERR 'Authentication Timeout'");
    expect(end.delivered).toEqual([]);
  });

  it("in a payload delivers nothing before its end, and others are served meanwhile", async () => {
    const slow = await greeted(field.rig.port);
    const quick = await greeted(field.rig.port);
    field.rig.tap.clear();
    await slow.write("PUB work.slow 5\r\nhel");
    await quick.write("PUB work.quick 2\r\nhi\r\nPING\r\n");
    await quick.waitFor("PONG\r\n");
    expect((await field.rig.tap.flushed()).map(({ subject }) => subject)).toEqual(["work.quick"]);
    await slow.write("lo\r\nPING\r\n");
    await slow.waitFor("PONG\r\n");
    expect((await field.rig.tap.flushed()).map(({ text }) => text)).toEqual(["hi", "hello"]);
    for (const client of [slow, quick]) client.close();
  });
});
