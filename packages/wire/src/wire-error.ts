/**
 * What ends a connection, and what can't be written. The key is the stable code; never reuse one. `errText` is what nats-server itself sends before it
 * closes; where it closes in silence, so do we.
 */
export const WIRE_ERRORS = {
  "wire.unknown_operation": {
    summary: "an operation that isn't a client's",
    errText: "Unknown Protocol Operation",
  },
  "wire.control_line_too_long": {
    summary: "a control line longer than the limit",
    errText: "maximum control line exceeded",
  },
  "wire.control_line": { summary: "a CR inside a control line, NUL or another control byte" },
  "wire.arguments": { summary: "too few or too many arguments" },
  "wire.size": { summary: "a size that isn't 1 to 9 digits, or a header size above the total" },
  "wire.payload_too_large": {
    summary: "a payload above `max_payload`, seen from its declared size",
    errText: "Maximum Payload Violation",
  },
  "wire.payload_end": { summary: "no CRLF where the payload ends", errText: "Unknown Protocol Operation" },
  "wire.header_block": { summary: "a header block that isn't one, or a status line from a client" },
  "wire.header_limit": { summary: "too many header lines, a name or a block that is too long" },
  "wire.no_headers": { summary: "headers on a connection whose CONNECT doesn't say that it uses them" },
  "wire.frame_late": {
    summary: "a frame that is begun and not completed in the host's time for it",
    errText: "Stale Connection",
  },
  "wire.before_connect": { summary: "an operation before CONNECT" },
  "wire.second_connect": { summary: "CONNECT again: a connection has one identity" },
  "wire.connect": {
    summary: "CONNECT with malformed JSON, a key twice or in another case, or a value of the wrong type",
  },
  "wire.connect_refused": {
    summary: "the host maps the credentials of CONNECT to no principal",
    errText: "Authorization Violation",
  },
  "wire.subscriptions": { summary: "too many subscriptions", errText: "maximum subscriptions exceeded" },
  "wire.upstream": { summary: "the server sent something that isn't the protocol" },
  "wire.unserialisable": { summary: "a message that can't be written: bad subject, reply or header" },
} as const;

export type WireErrorCode = keyof typeof WIRE_ERRORS;

/** Something that can't be written as the protocol asks. What comes from a peer is answered with a fault, a value. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isWireError(value: unknown): value is WireError {
  return value instanceof Error && value.name === "WireError" && "code" in value;
}
