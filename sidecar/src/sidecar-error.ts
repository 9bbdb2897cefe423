/** One row per failure that an operator can act on. The key is stable; never reuse one. */
export const SIDECAR_ERRORS = {
  "arguments.invalid": { remedy: "run with --help for the options" },
  "budgets.invalid": { remedy: "mend the named limit of budgets" },
  "bundle.key": { remedy: "give bundle.trustedKeys PEM public keys" },
  "bundle.state": {
    remedy: "let the sidecar write to bundle.stateFolder; remove it only to take older bundles on purpose",
  },
  "config.invalid": { remedy: "mend the named key; --print-config shows what is in force" },
  "config.not_json": { remedy: "mend the JSON at the named position" },
  "config.unreadable": { remedy: "check the path given to --config and its permissions" },
  "listener.in_use": { remedy: "choose another port, or stop what listens there" },
  "listener.unavailable": { remedy: "choose an address of this machine that may be bound" },
  "records.unavailable": { remedy: "check records in the configuration and that its target can be written" },
  "secret.invalid": {
    remedy: "give the secret's file what its key in the configuration names: an nkey seed, or credentials",
  },
  "secret.unreadable": { remedy: "check the path of the secret's file and its permissions" },
  "stores.unsafe": { remedy: "mend the named settings of Redis, which could drop state" },
  "tls.invalid": {
    remedy: "give the named files PEM certificates and the key that belongs to them, readable to the sidecar",
  },
} as const;

/** Stable code of a {@link SidecarError}. */
export type SidecarErrorCode = keyof typeof SIDECAR_ERRORS;

/** The sidecar can't start or go on. A denied message is never an error. */
export class SidecarError extends Error {
  override readonly name = "SidecarError";
  readonly code: SidecarErrorCode;

  constructor(code: SidecarErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isSidecarError(value: unknown): value is SidecarError {
  return value instanceof Error && value.name === "SidecarError" && "code" in value;
}

/** The text of whatever was thrown, in one line. */
export function reasonText(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : typeof reason === "string" ? reason : typeof reason;
  return text.replaceAll(/\s+/g, " ");
}
