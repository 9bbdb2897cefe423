import { Buffer } from "node:buffer";
import { digestBytes } from "./digest.ts";
import type { HeaderField, Message } from "./message.ts";

/**
 * The canonical frame of a message: `PUB`, or `HPUB` when it has headers, one blank between fields, sizes without leading zeros, header lines as
 * `Name: value`, CRLF everywhere. What goes upstream, what is recorded and what an approver's hash names are these bytes.
 *
 * @param message - already checked; nothing is escaped or refused here.
 */
export function encodeFrame(message: Message): Uint8Array {
  const { payload } = message;
  const head = frameHead(message);
  const headBytes = Buffer.byteLength(head, "utf8");
  const frame = Buffer.allocUnsafe(headBytes + payload.length + 2);
  frame.write(head, 0, headBytes, "utf8");
  frame.set(payload, headBytes);
  frame[frame.length - 2] = 0x0d;
  frame[frame.length - 1] = 0x0a;
  return frame;
}

/** `sha256:<hex>` of the canonical frame of a message. */
export function digestFrame(message: Message): string {
  return digestBytes(encodeFrame(message));
}

function frameHead(message: Message): string {
  const { headers, payload, reply, subject } = message;
  const address = reply === "" ? subject : `${subject} ${reply}`;
  if (headers.length === 0) return `PUB ${address} ${payload.length}\r\n`;
  const block = headerBlock(headers);
  const blockBytes = Buffer.byteLength(block, "utf8");
  return `HPUB ${address} ${blockBytes} ${blockBytes + payload.length}\r\n${block}`;
}

function headerBlock(headers: readonly HeaderField[]): string {
  let block = "NATS/1.0\r\n";
  for (const [name, value] of headers) block += `${name}: ${value}\r\n`;
  return `${block}\r\n`;
}
