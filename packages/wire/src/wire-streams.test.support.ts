import { Buffer } from "node:buffer";
import type { HeaderField } from "@cortexos/protocol";
import fc from "fast-check";
import { createClientFrameParser, type ClientFrameParserOptions } from "./client-frame-parser.ts";
import type { ClientFrame } from "./client-frame.ts";

/** A frame as values, to be compared. */
export interface SeenFrame {
  readonly operation: string;
  readonly subject?: string;
  readonly reply?: string;
  readonly headers?: readonly HeaderField[];
  readonly payload?: string;
  readonly args?: readonly string[];
}

export const SMALL_LIMITS: ClientFrameParserOptions = { controlLineBytesMax: 64, payloadBytesMax: 200 };

/** Cuts a stream at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...sorted, bytes.length];
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

export function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** What the parser makes of a stream. */
export interface Parsed {
  readonly frames: SeenFrame[];
  readonly canonical: { readonly is: boolean; readonly isPlain: boolean; readonly bytes: Buffer }[];
  readonly fault: string | undefined;
}

export function parseChunks(chunks: readonly Uint8Array[], limits: ClientFrameParserOptions = SMALL_LIMITS): Parsed {
  const parser = createClientFrameParser(limits);
  const frames: SeenFrame[] = [];
  const canonical: Parsed["canonical"] = [];
  for (const chunk of chunks) {
    parser.feed(chunk);
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
      frames.push(seen(frame));
      const bytes = Buffer.from(frame.bytes.subarray(frame.start, frame.end));
      canonical.push({ is: frame.isCanonical, isPlain: frame.isPlain, bytes });
    }
  }
  return { frames, canonical, fault: parser.fault?.code };
}

function seen(frame: ClientFrame): SeenFrame {
  const { operation, bytes } = frame;
  if (operation === "PING" || operation === "PONG") return { operation };
  if (operation !== "PUB" && operation !== "HPUB") return { operation, args: frame.args };
  return {
    operation,
    subject: bytes.toString("latin1", frame.subjectStart, frame.subjectEnd),
    reply: bytes.toString("latin1", frame.replyStart, frame.replyEnd),
    headers: frame.headers,
    payload: bytes.toString("latin1", frame.payloadStart, frame.payloadEnd),
  };
}

const blank = fc.constantFrom(" ", " ", " ", "\t", "  ", " \t ");
const lineEnd = fc.constantFrom("\r\n", "\r\n", "\r\n", "\n");
const subject = fc.constantFrom("work.a", "work.b.c", "a", "_INBOX.x.1", "a..b", "w.*", "caf\u00e9");
const payload = fc.oneof(
  fc.string({ maxLength: 20 }).map(utf8),
  fc.constantFrom("", "x\r\nPUB work.secret 2\r\nhi\r\n", "\r\n", "\n"),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);
const padding = fc.constantFrom("", "", "", "0", "00");

/** The letters in any case. */
function anyCase(word: string): fc.Arbitrary<string> {
  const letters = Array.from(word, (letter) => fc.constantFrom(letter, letter, letter.toLowerCase()));
  return fc.oneof(
    fc.constant(word),
    fc.tuple(...letters).map((cased) => cased.join("")),
  );
}

const headerBlock = fc
  .array(
    fc.tuple(fc.constantFrom("A", "X-B", "Nats-Msg-Id"), fc.constantFrom(": ", ":", ":\t ", ": "), value(), trail()),
    {
      maxLength: 3,
    },
  )
  .map((lines) => `NATS/1.0\r\n${lines.map((line) => `${line.join("")}\r\n`).join("")}\r\n`);

function value(): fc.Arbitrary<string> {
  return fc.constantFrom("", "v", "two words", "a:b", utf8("caf\u00e9"));
}

function trail(): fc.Arbitrary<string> {
  return fc.constantFrom("", "", " ");
}

const publish = fc
  .tuple(anyCase("PUB"), blank, subject, fc.option(subject, { nil: undefined }), blank, padding, payload, lineEnd)
  .map(([verb, gap, to, reply, lastGap, zeros, body, end]) => {
    const address = reply === undefined ? to : `${to}${gap}${reply}`;
    return `${verb}${gap}${address}${lastGap}${zeros}${body.length}${end}${body}\r\n`;
  });

/** What most clients send most of the time. */
const plainRun = fc
  .array(fc.tuple(fc.constantFrom("work.a", "work.a", "work.a", "b"), fc.string({ maxLength: 12 }).map(utf8)), {
    maxLength: 4,
  })
  .map((frames) => frames.map(([to, body]) => `PUB ${to} ${body.length}\r\n${body}\r\n`).join(""));

const headerPublish = fc
  .tuple(anyCase("HPUB"), blank, subject, fc.option(subject, { nil: undefined }), headerBlock, payload, lineEnd)
  .map(([verb, gap, to, reply, block, body, end]) => {
    const address = reply === undefined ? to : `${to}${gap}${reply}`;
    return `${verb}${gap}${address} ${block.length} ${block.length + body.length}${end}${block}${body}\r\n`;
  });

const other = fc
  .tuple(
    fc.constantFrom(
      "PING",
      "PONG",
      "PING x y",
      "SUB work.> 1",
      "SUB a q 2",
      "UNSUB 1",
      "UNSUB 2 5",
      'CONNECT {"a": 1}',
    ),
    lineEnd,
  )
  .map((parts) => parts.join(""));

/** Frames a client may send, in every way it may write them; one character is one byte. */
export const legalStream: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: publish },
      { weight: 2, arbitrary: headerPublish },
      { weight: 2, arbitrary: plainRun },
      other,
    ),
    { maxLength: 8 },
  )
  .map((frames) => frames.join(""));

const wrong = fc.constantFrom(
  "\r",
  "\n",
  "\0",
  " ",
  "0",
  "\u0001",
  "-",
  "MSG a 1 0\r\n\r\n",
  "PUB a\r 1\nxx\r\n",
  "PUB a b c 1\r\n",
  "HPUB a 9 3\r\n",
  "+OK\r\n",
  "PUB a 999999999\r\n",
  "NATS/1.0 503\r\n",
  "\r\n\r\n",
  "x".repeat(80),
);

/** A legal stream that was changed in some places. */
export const damagedStream: fc.Arbitrary<string> = fc
  .tuple(legalStream, fc.array(fc.tuple(fc.nat(), fc.nat(3), wrong), { minLength: 1, maxLength: 3 }))
  .map(([stream, changes]) => {
    let damaged = stream;
    for (const [place, removed, inserted] of changes) {
      const at = place % (damaged.length + 1);
      damaged = damaged.slice(0, at) + inserted + damaged.slice(at + removed);
    }
    return damaged;
  });

/** Bytes that look like the protocol often enough to get somewhere. */
const noise: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      "PUB",
      "HPUB",
      "ping",
      "a",
      ".",
      " ",
      "\t",
      "\r",
      "\n",
      "\r\n",
      "0",
      "1",
      "12",
      "\0",
      "\u00ff",
      "NATS/1.0",
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(""));

export const anyStream: fc.Arbitrary<string> = fc.oneof(legalStream, damagedStream, noise);

export const places: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 12 });

export function toBytes(latin1: string): Buffer {
  return Buffer.from(latin1, "latin1");
}

function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
