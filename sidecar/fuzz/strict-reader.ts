import { HEADER_BLOCK_BYTES_MAX, HEADER_COUNT_MAX, HEADER_NAME_BYTES_MAX } from "@cortexos/protocol";
import { isStrictConnect, saysHeaders } from "./strict-connect.ts";

/** One whole operation of a client's stream. */
export interface Operation {
  readonly verb: string;
  readonly start: number;
  readonly end: number;
  /** A publish to what can't be published to: refused, and the connection stays. */
  readonly isRefused: boolean;
  readonly reply: string;
}

/** What the gate has to make of a stream: the definition of "stricter", written apart from the codec and in another way. */
export interface Reading {
  readonly operations: readonly Operation[];
  /** The first violation: here the connection ends. Any of the codes will do. */
  readonly fault?: { readonly at: number; readonly codes: readonly string[] };
  /** Where an operation begins whose end isn't in the stream. */
  readonly tail: number;
}

export interface ReadingLimits {
  readonly controlLineBytesMax: number;
  readonly payloadBytesMax: number;
}

/** Reads a whole stream, one character a byte. */
export function readStrictly(text: string, limits: ReadingLimits): Reading {
  const operations: Operation[] = [];
  let at = 0;
  let connect: string | undefined;
  for (;;) {
    const taken =
      at === text.length ? undefined : readOperation(text, at, { ...limits, isConnected: connect !== undefined });
    if (taken === undefined) return { operations, tail: at };
    if ("codes" in taken) {
      // Before the server's INFO its limits aren't known; then the missing CONNECT is found first.
      const codes = connect === undefined ? [...taken.codes, "wire.before_connect"] : taken.codes;
      return { operations, tail: at, fault: { at, codes } };
    }
    const operation = text.slice(at, taken.end);
    const code = faultInTurn(taken.verb, operation, connect);
    if (code !== undefined) return { operations, tail: at, fault: { at, codes: [code] } };
    if (taken.verb === "CONNECT") connect = operation;
    operations.push(taken);
    at = taken.end;
  }
}

/** What is wrong with a whole operation because of what came before it. */
function faultInTurn(verb: string, operation: string, connect: string | undefined): string | undefined {
  if (verb === "PING" || verb === "PONG") return undefined;
  if (verb === "CONNECT") {
    if (connect !== undefined) return "wire.second_connect";
    return isStrictConnect(jsonOf(operation)) ? undefined : "wire.connect";
  }
  if (connect === undefined) return "wire.before_connect";
  return verb === "HPUB" && !saysHeaders(jsonOf(connect)) ? "wire.no_headers" : undefined;
}

function jsonOf(connect: string): string {
  return connect.slice("CONNECT".length).replace(/^[ \t]+|[ \t\r\n]+$/g, "");
}

interface Faulty {
  readonly codes: readonly string[];
}

const VERBS = ["CONNECT", "PUB", "HPUB", "SUB", "UNSUB", "PING", "PONG"];

interface Standing extends ReadingLimits {
  readonly isConnected: boolean;
}

/** @returns `undefined` when the operation isn't whole. */
function readOperation(text: string, start: number, limits: Standing): Operation | Faulty | undefined {
  const lineFeed = text.indexOf("\n", start);
  const written = text.slice(start, lineFeed === -1 ? undefined : lineFeed);
  const line = written.replace(/\r$/, "");
  const verb = /^[^ \t\r]*/.exec(line)?.[0].toUpperCase() ?? "";
  if (lineFeed === -1) return readPartialLine(written, verb, limits);
  if (!VERBS.includes(verb)) return faulty("wire.unknown_operation");
  const rest = line.slice(verb.length + 1);
  if (rest.length > limits.controlLineBytesMax) return faulty("wire.control_line_too_long");
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x08\n-\x1f\x7f]/.test(line)) return faulty("wire.control_line");
  const args = line
    .split(/[ \t]+/)
    .slice(1)
    .filter((arg) => arg !== "");
  const operation = { verb, start, end: lineFeed + 1, isRefused: false, reply: "" };
  if (verb === "PUB" || verb === "HPUB") return readPublish(text, { operation, args, limits });
  const code = faultOf(verb, args);
  return code === undefined ? operation : faulty(code);
}

/** A line that isn't over: what no further byte can put right may be told at once. */
function readPartialLine(written: string, verb: string, { controlLineBytesMax }: ReadingLimits): Faulty | undefined {
  const isWholeVerb = verb.length < written.length;
  const isVerb = isWholeVerb ? VERBS.includes(verb) : VERBS.some((known) => known.startsWith(verb));
  if (!isVerb) return faulty("wire.unknown_operation");
  // A CR at the end may yet be the line's own.
  const length = written.replace(/\r$/, "").length;
  return length - verb.length - 1 > controlLineBytesMax ? faulty("wire.control_line_too_long") : undefined;
}

function faultOf(verb: string, args: readonly string[]): string | undefined {
  switch (verb) {
    case "CONNECT":
      return args.length === 0 ? "wire.arguments" : undefined;
    case "SUB":
      return args.length === 2 || args.length === 3 ? undefined : "wire.arguments";
    case "UNSUB":
      if (args.length !== 1 && args.length !== 2) return "wire.arguments";
      return args[1] === undefined || isSize(args[1]) ? undefined : "wire.size";
    default:
      return undefined;
  }
}

interface PublishLine {
  readonly operation: Operation;
  readonly args: readonly string[];
  readonly limits: Standing;
}

function readPublish(text: string, { operation, args, limits }: PublishLine): Operation | Faulty | undefined {
  const sizeCount = operation.verb === "PUB" ? 1 : 2;
  const addresses = args.slice(0, args.length - sizeCount);
  const sizes = args.slice(args.length - sizeCount);
  if (addresses.length !== 1 && addresses.length !== 2) return faulty("wire.arguments");
  if (!sizes.every(isSize)) return faulty("wire.size");
  const total = Number(sizes.at(-1));
  const headerChars = sizeCount === 2 ? Number(sizes[0]) : 0;
  if (headerChars > total) return faulty("wire.size");
  if (total > limits.payloadBytesMax) return faulty("wire.payload_too_large");
  const headerFault = faulty("wire.header_block", "wire.header_limit");
  if (headerChars > HEADER_BLOCK_BYTES_MAX) return headerFault;
  // Nothing is kept for somebody who isn't anybody yet.
  if (!limits.isConnected) return faulty("wire.before_connect");
  const bodyStart = operation.end;
  const bodyEnd = bodyStart + total;
  if (text.length < bodyEnd + 2) return undefined;
  if (text.slice(bodyEnd, bodyEnd + 2) !== "\r\n") return faulty("wire.payload_end");
  if (headerChars > 0 && !isStrictHeaderBlock(text.slice(bodyStart, bodyStart + headerChars))) return headerFault;
  const [, reply = ""] = addresses;
  return { ...operation, end: bodyEnd + 2, reply, isRefused: !addresses.every(isPublishable) };
}

function isSize(text: string): boolean {
  return /^[0-9]{1,9}$/.test(text);
}

function isPublishable(subject: string): boolean {
  const tokens = subject.split(".");
  return /^[!-~]{1,1024}$/.test(subject) && tokens.length <= 64 && tokens.every((token) => !/^(?:|\*|>)$/.test(token));
}

function isStrictHeaderBlock(block: string): boolean {
  if (!block.startsWith("NATS/1.0\r\n") || !block.endsWith("\r\n")) return false;
  const lines = block.slice("NATS/1.0\r\n".length, -"\r\n".length).split("\r\n").slice(0, -1);
  const again = `NATS/1.0\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  return again === block && lines.length <= HEADER_COUNT_MAX && lines.every(isStrictHeaderLine);
}

function isStrictHeaderLine(line: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is left out
  const parts = /^([!-9;-~]+):([\t -~\x80-\xff]*)$/.exec(line);
  if (parts === null || (parts[1] ?? "").length > HEADER_NAME_BYTES_MAX) return false;
  const bytes = Buffer.from(parts[2] ?? "", "latin1");
  return Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes);
}

function faulty(...codes: readonly string[]): Faulty {
  return { codes };
}
