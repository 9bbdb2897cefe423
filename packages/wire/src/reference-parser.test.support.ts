import { Buffer } from "node:buffer";
import type { HeaderField } from "@cortexos/protocol";
import type { ClientFrameParserOptions } from "./client-frame-parser.ts";
import type { SeenFrame } from "./wire-streams.test.support.ts";

/** The client's side of the protocol written down a second time, slowly and on whole streams: what the parser is compared with. */
export function parseByReference(
  stream: string,
  limits: ClientFrameParserOptions,
): { frames: SeenFrame[]; fault: string | undefined } {
  const frames: SeenFrame[] = [];
  let rest = stream;
  for (;;) {
    const lineFeed = rest.indexOf("\n");
    const line = (lineFeed === -1 ? rest : rest.slice(0, lineFeed)).replace(/\r$/, "");
    if (lineFeed === -1) return { frames, fault: rest === "" ? undefined : partialFault(rest, line, limits) };
    const verb = /^(CONNECT|PUB|HPUB|SUB|UNSUB|PING|PONG)(?=[ \t\r]|$)/i.exec(line)?.[1];
    if (verb === undefined) return { frames, fault: "wire.unknown_operation" };
    if (line.length - verb.length - 1 > limits.controlLineBytesMax)
      return { frames, fault: "wire.control_line_too_long" };
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) return { frames, fault: "wire.control_line" };
    const args = line
      .slice(verb.length)
      .split(/[ \t]+/)
      .filter((arg) => arg !== "");
    const operation = verb.toUpperCase();
    const fault = argumentFault(operation, args, limits);
    if (fault !== undefined) return { frames, fault };
    rest = rest.slice(lineFeed + 1);
    if (operation !== "PUB" && operation !== "HPUB") {
      frames.push(plainFrame(operation, args, line.slice(verb.length)));
      continue;
    }
    const sizes = args.slice(operation === "PUB" ? -1 : -2).map(Number);
    const total = sizes.at(-1) ?? 0;
    if (rest.length < total + 2) return { frames, fault: undefined };
    if (rest.slice(total, total + 2) !== "\r\n") return { frames, fault: "wire.payload_end" };
    const block = rest.slice(0, operation === "PUB" ? 0 : sizes[0]);
    const headers = block === "" ? [] : parseHeaders(block);
    if (headers === undefined) return { frames, fault: "wire.header_block" };
    const [subject = "", reply = ""] = args.slice(0, -sizes.length);
    frames.push({ operation, subject, reply, headers, payload: rest.slice(block.length, total) });
    rest = rest.slice(total + 2);
  }
}

function partialFault(rest: string, line: string, limits: ClientFrameParserOptions): string | undefined {
  const word = /^[^ \t\r]*/.exec(rest)?.[0].toUpperCase() ?? "";
  const verbs = ["CONNECT", "PUB", "HPUB", "SUB", "UNSUB", "PING", "PONG"];
  if (word.length === rest.length)
    return verbs.some((verb) => verb.startsWith(word)) ? undefined : "wire.unknown_operation";
  if (!verbs.includes(word)) return "wire.unknown_operation";
  return line.length - word.length - 1 > limits.controlLineBytesMax ? "wire.control_line_too_long" : undefined;
}

function plainFrame(operation: string, args: readonly string[], text: string): SeenFrame {
  if (operation === "PING" || operation === "PONG") return { operation };
  return { operation, args: operation === "CONNECT" ? [text.replace(/^[ \t]+|[ \t]+$/g, "")] : args };
}

function argumentFault(
  operation: string,
  args: readonly string[],
  limits: ClientFrameParserOptions,
): string | undefined {
  const counts: Record<string, readonly [number, number]> = {
    PUB: [2, 3],
    HPUB: [3, 4],
    SUB: [2, 3],
    UNSUB: [1, 2],
    CONNECT: [1, 99],
  };
  const [least, most] = counts[operation] ?? [0, 99];
  if (args.length < least || args.length > most) return "wire.arguments";
  const sizeCount =
    operation === "PUB" ? 1 : operation === "HPUB" ? 2 : operation === "UNSUB" && args.length === 2 ? 1 : 0;
  const sizes = sizeCount === 0 ? [] : args.slice(-sizeCount);
  if (!sizes.every((size) => /^[0-9]{1,9}$/.test(size))) return "wire.size";
  if (operation === "HPUB" && Number(sizes[0]) > Number(sizes[1])) return "wire.size";
  const isPublish = operation === "PUB" || operation === "HPUB";
  return isPublish && Number(sizes.at(-1)) > limits.payloadBytesMax ? "wire.payload_too_large" : undefined;
}

function parseHeaders(block: string): HeaderField[] | undefined {
  const whole = /^NATS\/1\.0\r\n((?:[^\r\n]+\r\n)*)\r\n$/.exec(block);
  if (whole === null) return undefined;
  const fields: HeaderField[] = [];
  for (const line of (whole[1] ?? "").split("\r\n").slice(0, -1)) {
    const field = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    if (field === null || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) return undefined;
    const bytes = Buffer.from(field[2] ?? "", "latin1");
    const text = bytes.toString("utf8");
    if (!Buffer.from(text, "utf8").equals(bytes)) return undefined;
    fields.push([field[1] ?? "", text]);
  }
  return fields;
}
