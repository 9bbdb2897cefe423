import type { WireFault } from "./session-types.ts";
import type { WireErrorCode } from "./wire-error.ts";

/** A protocol violation with its code from the table. */
export interface ClientFault extends WireFault {
  readonly code: WireErrorCode;
}

export function createFault(code: WireErrorCode, reason: string): ClientFault {
  return { code, reason };
}
