import { Buffer } from "node:buffer";
import { checkHeaders, checkPublishSubject, encodeFrame, type HeaderField, type Message } from "@cortexos/protocol";
import { WireError } from "./wire-error.ts";

/** One message for one subscription, as the server would deliver it. */
export interface Delivery {
  readonly subject: string;
  /** The client's id of the subscription. */
  readonly sid: string;
  readonly headers: readonly HeaderField[];
  readonly payload: Uint8Array;
}

/**
 * The canonical PUB or HPUB of a message: one blank between fields, sizes without leading zeros, header lines `Name: value`, CRLF everywhere. A message
 * without headers is a PUB.
 *
 * @throws WireError `wire.unserialisable` when the subject, the reply or a header can't be written.
 */
export function serialisePublish(message: Message): Uint8Array {
  const fault =
    checkPublishSubject(message.subject) ??
    (message.reply === "" ? undefined : checkPublishSubject(message.reply)) ??
    checkHeaders(message.headers);
  if (fault !== undefined) throw new WireError("wire.unserialisable", `the message can't be written: ${fault}`);
  return encodeFrame(message);
}

/**
 * The canonical MSG, or HMSG when there are headers.
 *
 * @throws WireError `wire.unserialisable` when the subject, the sid or a header can't be written.
 */
export function serialiseDelivery({ subject, sid, headers, payload }: Delivery): Uint8Array {
  const fault = checkPublishSubject(subject) ?? (SID.test(sid) ? undefined : "sid") ?? checkHeaders(headers);
  if (fault !== undefined) throw new WireError("wire.unserialisable", `the delivery can't be written: ${fault}`);
  const block = headers.length === 0 ? "" : `NATS/1.0\r\n${headers.map(headerLine).join("")}\r\n`;
  const blockBytes = Buffer.byteLength(block, "utf8");
  const total = blockBytes + payload.length;
  const line =
    headers.length === 0 ? `MSG ${subject} ${sid} ${total}\r\n` : `HMSG ${subject} ${sid} ${blockBytes} ${total}\r\n`;
  return Buffer.concat([Buffer.from(line, "latin1"), Buffer.from(block, "utf8"), payload, CRLF]);
}

/** A sid as it came from the client; bytes as latin1. */
const SID = /^[!-~\u0080-\u00ff]+$/;
const CRLF = Buffer.from("\r\n", "latin1");

function headerLine([name, value]: HeaderField): string {
  return `${name}: ${value}\r\n`;
}

/**
 * An `-ERR` line. The text is made safe: printable ASCII, without single quotes.
 *
 * @param text - what stands between the quotes.
 */
export function serialiseError(text: string): Uint8Array {
  return Buffer.from(`-ERR '${text.replace(/[^ -&(-~]/g, "_")}'\r\n`, "latin1");
}

/** An INFO or CONNECT line; JSON escapes every byte that could end it. */
export function serialiseJsonLine(
  operation: "INFO" | "CONNECT",
  document: Readonly<Record<string, unknown>>,
): Uint8Array {
  return Buffer.from(`${operation} ${JSON.stringify(document)}\r\n`, "utf8");
}

/** SUB as read from a client; parts are bytes as latin1. */
export function serialiseSubscribe(parts: readonly string[]): Uint8Array {
  return Buffer.from(`SUB ${parts.join(" ")}\r\n`, "latin1");
}

/** @param max - deliveries after which the server ends the subscription; 0 is now. */
export function serialiseUnsubscribe(sid: string, max: number): Uint8Array {
  return Buffer.from(max > 0 ? `UNSUB ${sid} ${max}\r\n` : `UNSUB ${sid}\r\n`, "latin1");
}

export const PING_BYTES: Uint8Array = Buffer.from("PING\r\n", "latin1");
export const PONG_BYTES: Uint8Array = Buffer.from("PONG\r\n", "latin1");
export const OK_BYTES: Uint8Array = Buffer.from("+OK\r\n", "latin1");
