import { Buffer } from "node:buffer";
import { isUint8Array } from "node:util/types";
import type { HeaderField, Message } from "@cortexos/protocol";
import { createClientFrameParser, type ClientFrameParser } from "@cortexos/wire";
import { SdkError } from "../sdk-error.ts";
import type { ClientErrors } from "./client-errors.ts";
import type { PublishArguments } from "./client-shape.ts";

/** Largest header block that is read, in bytes; what is larger is refused. */
const BLOCK_BYTES_MAX = 1_048_576;

const NO_HEADERS: readonly HeaderField[] = [];
const EMPTY = new Uint8Array(0);

/**
 * Reads what is to be published, each thing once, and copies it: what the caller does with its buffers and headers afterwards, or in a getter, changes
 * neither what is decided nor what is sent.
 *
 * @throws the client's own errors for what it doesn't take.
 */
export function readOutgoing(
  subject: unknown,
  payload: unknown,
  { options, errors }: { readonly options: PublishArguments | undefined; readonly errors: ClientErrors },
): Message {
  return {
    subject: readSubject(subject, errors),
    reply: readReply(options?.reply, errors),
    headers: readHeaders(options?.headers),
    payload: readPayload(payload, errors),
  };
}

function readSubject(subject: unknown, errors: ClientErrors): string {
  if (typeof subject !== "string" || subject === "" || BLANK.test(subject)) return errors.throwForSubject(subject);
  return PLAIN.test(subject) ? subject : asSent(subject);
}

function readReply(reply: unknown, errors: ClientErrors): string {
  if (reply === undefined || reply === null || reply === "") return "";
  return readSubject(reply, errors);
}

/** What would end a field or a line. */
// oxlint-disable-next-line no-control-regex -- NUL is among what is looked for
const BLANK = /[\0\t\n\r ]/;
const PLAIN = /^[!-~]+$/;

/** A byte outside ASCII is one character, as where bytes are read from the wire. */
function asSent(subject: string): string {
  return Buffer.from(subject, "utf8").toString("latin1");
}

/** Bytes of the caller's own; never a view of the caller's. */
function readPayload(payload: unknown, errors: ClientErrors): Uint8Array {
  if (payload === undefined) return EMPTY;
  if (typeof payload === "string") return Buffer.from(payload, "utf8");
  if (isUint8Array(payload)) return Buffer.from(payload);
  return errors.throwForPayload(payload);
}

/**
 * Header lines as they would be on the wire, read with the parser that reads them there.
 *
 * @throws SdkError `client.command` for headers that can't be sent.
 */
function readHeaders(headers: unknown): readonly HeaderField[] {
  if (headers === undefined || headers === null) return NO_HEADERS;
  const encode: unknown = typeof headers === "object" ? Reflect.get(headers, "encode") : undefined;
  const block: unknown = typeof encode === "function" ? Reflect.apply(encode, headers, []) : undefined;
  if (!isUint8Array(block)) throw new SdkError("client.command", "the headers are no headers of this client");
  return block.length === 0 ? NO_HEADERS : parseBlock(Buffer.from(block));
}

let parser: ClientFrameParser | undefined;

function parseBlock(block: Buffer): readonly HeaderField[] {
  parser ??= createClientFrameParser({ controlLineBytesMax: 128, payloadBytesMax: BLOCK_BYTES_MAX });
  const line = Buffer.from(`HPUB - ${block.length} ${block.length}\r\n`, "latin1");
  parser.feed(Buffer.concat([line, block, CRLF]));
  const fields = parser.next()?.headers;
  if (fields !== undefined && parser.next() === undefined && parser.fault === undefined) return fields;
  const reason = parser.fault?.reason ?? "they end too early";
  // A parser reads nothing after a fault.
  parser = undefined;
  throw new SdkError("client.command", `the headers can't be sent: ${reason}`);
}

const CRLF = Buffer.from("\r\n", "latin1");
