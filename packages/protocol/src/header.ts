import { Buffer } from "node:buffer";
import type { HeaderField } from "./message.ts";

/** Most header lines of a message. */
export const HEADER_COUNT_MAX = 256;

/** Longest header name, in bytes. */
export const HEADER_NAME_BYTES_MAX = 256;

/** Longest header block, in bytes, status line and final blank line included. */
export const HEADER_BLOCK_BYTES_MAX = 65_536;

/** Name of the header that counts how often a message was sent on by an agent. */
export const HOP_COUNT_HEADER = "cortexos-hop-count";

/**
 * Checks the headers of a message: names of printable ASCII without a colon, values without control characters or blanks at either end, both
 * as long and as many as the limits say.
 *
 * @returns what is wrong, for people; `undefined` when they can be sent.
 */
export function checkHeaders(headers: readonly HeaderField[]): string | undefined {
  if (headers.length === 0) return undefined;
  if (headers.length > HEADER_COUNT_MAX) return `more than ${HEADER_COUNT_MAX} header lines`;
  let blockBytes = STATUS_AND_END_BYTES;
  for (const [name, value] of headers) {
    if (name.length > HEADER_NAME_BYTES_MAX) return "a header name is too long";
    if (!NAME.test(name)) return "a header name is not a name";
    if (!isHeaderValue(value)) return "a header value has characters that can't be sent";
    blockBytes += name.length + Buffer.byteLength(value, "utf8") + 4;
  }
  return blockBytes > HEADER_BLOCK_BYTES_MAX ? "the headers are too large" : undefined;
}

const STATUS_AND_END_BYTES = 12;
const NAME = /^[!-9;-~]+$/;
const PLAIN_VALUE = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSENDABLE = /[\u0000-\u0008\u000a-\u001f\u007f]|^[ \t]|[ \t]$/;

function isHeaderValue(value: string): boolean {
  return PLAIN_VALUE.test(value) || (!UNSENDABLE.test(value) && value.isWellFormed());
}
