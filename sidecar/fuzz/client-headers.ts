import type { Random } from "./random.ts";

/** A header block: mostly one that may be sent, in some way of writing it. */
export function headerBlock(random: Random): string {
  if (random.percent(15)) return random.pick(ILLEGAL);
  const lines = random.several(4, () => `${random.pick(NAMES)}${random.pick(COLONS)}${random.pick(VALUES)}\r\n`);
  return `NATS/1.0\r\n${lines.join("")}\r\n`;
}

const NAMES: readonly [string, ...string[]] = ["A", "X-Agent", "x-agent", "Nats-Thing", "~", "a(b)"];
const COLONS: readonly [string, ...string[]] = [": ", ": ", ":", ":\t ", ":  "];
const VALUES: readonly [string, ...string[]] = ["", "v", "two words", "a:b", "caf\xc3\xa9", "trail ", "t\tt"];

/** Blocks that readers of NATS headers make different things of. */
const ILLEGAL: readonly [string, ...string[]] = [
  "",
  "x",
  "\r\n",
  "hello",
  "NATS/1.0\r\n",
  "NATS/1.0\r\nA: 1\r\n",
  "NATS/1.0\r\nA: 1\r\n\r\nB: 2\r\n\r\n",
  "NATS/1.0\r\n\r\n\r\n",
  "NATS/1.0 503\r\n\r\n",
  "NATS/1.0 503 No Responders\r\n\r\n",
  "NATS/1.0 \r\n\r\n",
  "NATS/1.1\r\nA: 1\r\n\r\n",
  "nats/1.0\r\nA: 1\r\n\r\n",
  "GARBAGE/9\r\nA: 1\r\n\r\n",
  "NATS/1.0\nA: 1\n\n",
  "NATS/1.0\r\nX-A: 1\nX-Agent: root\r\n\r\n",
  "NATS/1.0\r\nX-A: 1\rX-Agent: root\r\n\r\n",
  "NATS/1.0\r\nno colon\r\n\r\n",
  "NATS/1.0\r\n: no name\r\n\r\n",
  "NATS/1.0\r\nA : 1\r\n\r\n",
  "NATS/1.0\r\n A: folded\r\n\r\n",
  "NATS/1.0\r\nA: 1\r\n folded\r\n\r\n",
  "NATS/1.0\r\nX-\xff\0: root\r\n\r\n",
  "NATS/1.0\r\nX: a\0b\r\n\r\n",
  "NATS/1.0\r\nX: \xff\xfe\r\n\r\n",
  "NATS/1.0\r\nX: \xed\xa0\x80\r\n\r\n",
  "NATS/1.0\r\nX: a\x7fb\r\n\r\n",
  "NATS/1.0\r\ncaf\xc3\xa9: 1\r\n\r\n",
  `NATS/1.0\r\n${"A: 1\r\n".repeat(257)}\r\n`,
  `NATS/1.0\r\n${"n".repeat(257)}: 1\r\n\r\n`,
];
