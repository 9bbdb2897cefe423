import { connectLine } from "./client-connects.ts";
import { headerBlock } from "./client-headers.ts";
import type { Random } from "./random.ts";

/** The server's `max_payload` in these tests, in bytes: small, so that its edge is met. */
export const PAYLOAD_BYTES_MAX = 8_192;

/** nats-server's own default. */
export const CONTROL_LINE_BYTES_MAX = 4_096;

const FRAMES_MAX = 12;
const DAMAGES_MAX = 3;

/** A client's stream, one character a byte: legal, legal in an odd way, illegal, or damaged at random. */
export function randomStream(random: Random): string {
  const frames = random.several(FRAMES_MAX, () => randomFrame(random));
  // Without one most frames would say nothing: everything but PING and PONG needs it.
  if (random.percent(96)) frames.unshift(connectLine(random, random.percent(92)));
  const stream = frames.join("");
  return random.percent(25) ? damage(random, stream) : stream;
}

/** Cuts a stream where TCP might; the places are offsets. */
export function randomCuts(random: Random, length: number): readonly number[] {
  const way = random.int(10);
  if (way < 3 || length === 0) return [];
  if (way === 3 && length < 600) return Array.from({ length: length - 1 }, (_, i) => i + 1);
  const cuts = random.several(way < 7 ? 3 : 12, () => 1 + random.int(length));
  return [...new Set(cuts)].filter((cut) => cut < length).sort((a, b) => a - b);
}

function randomFrame(random: Random): string {
  const kind = random.int(100);
  if (kind < 40) return publish(random);
  if (kind < 60) return headerPublish(random);
  if (kind < 72) return `${verb(random, "SUB")}${gap(random)}${subscription(random)}${eol(random)}`;
  if (kind < 78) return `${verb(random, "UNSUB")}${gap(random)}${unsubscription(random)}${eol(random)}`;
  if (kind < 86)
    return `${verb(random, random.pick(["PING", "PONG"]))}${random.pick(["", "", " ", " x y", "\t"])}${eol(random)}`;
  if (kind < 88) return connectLine(random, random.percent(50));
  if (kind < 96) return plainRun(random);
  return random.pick(ILLEGAL);
}

/** What is a client's only by its looks, or a server's, or another cluster node's. */
const ILLEGAL: readonly [string, ...string[]] = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  "+OK\r\n",
  "-ERR 'x'\r\n",
  "INFO {}\r\n",
  "MSG work.a 1 2\r\nhi\r\n",
  "HMSG work.a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
  "RMSG $G work.a 2\r\nhi\r\n",
  "LMSG work.a 2\r\nhi\r\n",
  "RS+ $G work.> \r\n",
  "A+ acc\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "PINGX\r\n",
  "PI NG\r\n",
  "CONNECT{}\r\n",
  " PUB work.a 2\r\nhi\r\n",
  "PUB\r\n",
  "PUB \r\n",
  "PUB work.a\r\n",
  "PUB work.a b c 2\r\nhi\r\n",
  "PUB work.a b c d e f g 2\r\nhi\r\n",
  "HPUB work.a 2\r\nhi\r\n",
  "HPUB work.a b c 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
  "HPUB work.a 14 12\r\nNATS/1.0\r\n\r\nhi\r\n",
  "SUB\r\n",
  "SUB work.a\r\n",
  "SUB work.a b c d\r\n",
  "UNSUB\r\n",
  "UNSUB 1 2 3\r\n",
  "PUB work.a\rb 55\nxxxxx\r\n",
  "PUB work.a\r 2\r\nhi\r\n",
  "PUB work.a 2\r\r\nhi\r\n",
  "PUB work.a\0 2\r\nhi\r\n",
  "PUB work.a\v 2\r\nhi\r\n",
  "PUB work.a\x7f 2\r\nhi\r\n",
  "SUB work.a\r 1\r\n",
  "PING\r \r\n",
  `PUB work.${"x".repeat(5_000)} 2\r\nhi\r\n`,
  `SUB work.${"x".repeat(5_000)} 1\r\n`,
  `PING ${"x".repeat(5_000)}\r\n`,
  `PUB work.a${" ".repeat(5_000)}2\r\nhi\r\n`,
];

const SUBJECTS: readonly [string, ...string[]] = [
  "work.a",
  "work.a",
  "work.b.c",
  "a",
  "_INBOX.x.1",
  "w.x*",
  "w.>y",
  "!",
  "W.A",
];
const ODD_SUBJECTS: readonly [string, ...string[]] = [
  "work.*",
  "work.>",
  ">",
  "*",
  "a..b",
  ".a",
  "a.",
  ".",
  "caf\xc3\xa9",
  "\xff\xfe",
  "work\xc0\xaea",
  "work\xc2\xa0a",
  `t${".t".repeat(70)}`,
  "x".repeat(1_100),
];

function address(random: Random): string {
  return random.percent(92) ? random.pick(SUBJECTS) : random.pick(ODD_SUBJECTS);
}

function addresses(random: Random): string {
  return random.percent(70) ? address(random) : `${address(random)}${gap(random)}${address(random)}`;
}

function publish(random: Random): string {
  const body = payload(random);
  const line = `${verb(random, "PUB")}${gap(random)}${addresses(random)}${gap(random)}${size(random, body.length)}`;
  return `${line}${trail(random)}${eol(random)}${body}${bodyEnd(random)}`;
}

function headerPublish(random: Random): string {
  const block = headerBlock(random);
  const body = payload(random);
  const sizes = `${size(random, block.length)}${gap(random)}${size(random, block.length + body.length)}`;
  const line = `${verb(random, "HPUB")}${gap(random)}${addresses(random)}${gap(random)}${sizes}`;
  return `${line}${trail(random)}${eol(random)}${block}${body}${bodyEnd(random)}`;
}

/** What most clients send most of the time. */
function plainRun(random: Random): string {
  const frames = random.several(8, () => {
    const body = "x".repeat(random.int(20));
    return `PUB ${random.pick(SUBJECTS)} ${body.length}\r\n${body}\r\n`;
  });
  return frames.join("");
}

function payload(random: Random): string {
  switch (random.int(9)) {
    case 0:
      return "";
    case 1:
      return "x\r\nPUB work.secret 2\r\nhi\r\n";
    case 2:
      return random.pick(["\r\n", "\n", "\r", "\0", "PING\r\n", "-ERR 'x'\r\n"]);
    case 3:
      return Array.from({ length: random.int(64) }, () => String.fromCharCode(random.int(256))).join("");
    case 4:
      return "y".repeat(random.pick([PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX - 40, 4_000, PAYLOAD_BYTES_MAX + 1]));
    default:
      return '{"n":1}'.slice(0, 1 + random.int(7));
  }
}

/** Mostly the truth, in digits that need not be the shortest. */
function size(random: Random, truth: number): string {
  const way = random.int(100);
  if (way < 86) return String(truth);
  if (way < 93) return `${"0".repeat(1 + random.int(3))}${truth}`;
  if (way < 97) return String(Math.max(0, truth + random.pick([-2, -1, 1, 2, 30, -truth])));
  return random.pick([
    "-1",
    "+5",
    "0x5",
    "5e0",
    "5.0",
    "",
    "\xd9\xa5",
    "999999999",
    "2147483648",
    "4294967297",
    "9007199254740993",
    "18446744073709551618",
    `${"0".repeat(9)}${truth}`,
  ]);
}

function bodyEnd(random: Random): string {
  return random.percent(97) ? "\r\n" : random.pick(["\n", "", "\r", "\n\r", "x\r\n"]);
}

function subscription(random: Random): string {
  const subject = random.pick(["work.>", "work.a", "_INBOX.x.*", ">", "a", "*.a", "a..b", "foo.>.x", "\xff", "w.x*"]);
  const id = sid(random);
  // No two in a group: which of them a message goes to is the server's choice.
  const queue = random.percent(15) ? `${gap(random)}q${id}` : "";
  return `${subject}${queue}${gap(random)}${id}`;
}

function unsubscription(random: Random): string {
  const max = random.pick(["", "", " 1", " 2", " 007", " 0", " -1", " x", " 9999999999"]);
  return `${sid(random)}${max}`;
}

function sid(random: Random): string {
  return random.pick(["1", "2", "3", "07", "7", "a", "\xe9", "9007199254740993"]);
}

function verb(random: Random, name: string): string {
  const way = random.int(20);
  if (way < 17) return name;
  if (way === 17) return name.toLowerCase();
  return name.replace(/[A-Z]/g, (letter) => (random.percent(50) ? letter.toLowerCase() : letter));
}

function gap(random: Random): string {
  return random.percent(88) ? " " : random.pick(["\t", "  ", " \t ", "\t\t"]);
}

function trail(random: Random): string {
  return random.percent(95) ? "" : random.pick([" ", "\t", "  "]);
}

function eol(random: Random): string {
  return random.percent(90) ? "\r\n" : "\n";
}

const INSERTS: readonly [string, ...string[]] = [
  "\r",
  "\n",
  "\r\n",
  " ",
  "\t",
  "0",
  "1",
  "\0",
  ".",
  "-",
  ":",
  "P",
  "\x80",
  "PUB work.s 1\r\n",
];

function damage(random: Random, stream: string): string {
  let damaged = stream;
  for (let count = random.int(DAMAGES_MAX) + 1; count > 0; count--) {
    const at = random.int(damaged.length + 1);
    const removed = random.percent(60) ? random.int(4) : 0;
    damaged = damaged.slice(0, at) + (random.percent(70) ? random.pick(INSERTS) : "") + damaged.slice(at + removed);
  }
  return random.percent(20) ? damaged.slice(0, random.int(damaged.length + 1)) : damaged;
}
