import type { Diagnostic } from "./diagnostic.ts";

/** One row per failure that a caller can act on; the key is stable. */
export const COMPILER_ERRORS = {
  "compiler.opa_missing": "OPA is not there, or does not run",
  "compiler.opa_version": "OPA is older than version 1.0",
  "compiler.opa_failed": "OPA ended without an answer that can be read",
  "compiler.tree": "the folder of packs is missing or can't be read",
  "compiler.manifest": "`bundle.json` or a `pack.json` is wrong",
  "compiler.pack_unknown": "`bundle.json` names a pack that is not there",
  "compiler.data": "a data file is not JSON that every reader reads alike",
  "compiler.rego": "Rego is refused by OPA or by our own checks",
  "compiler.key": "a signing key can't be read or used",
  "compiler.rules_table": "the table of rules can't be made, because a rule's METADATA is incomplete",
} as const;

export type CompilerErrorCode = keyof typeof COMPILER_ERRORS;

/** Packs can't be made into a bundle. A failing policy test is a value, never this. */
export class CompilerError extends Error {
  override readonly name = "CompilerError";
  readonly code: CompilerErrorCode;
  /** Each finding with its place; empty where no place is known. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: CompilerErrorCode,
    message: string,
    options?: ErrorOptions & { readonly diagnostics?: readonly Diagnostic[] },
  ) {
    super(message, options);
    this.code = code;
    this.diagnostics = options?.diagnostics ?? [];
  }
}

/** Works across two installed copies of this package, where `instanceof` does not. */
export function isCompilerError(value: unknown): value is CompilerError {
  return value instanceof Error && value.name === "CompilerError" && "code" in value;
}
