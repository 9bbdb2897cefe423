import type { Diagnostic } from "./diagnostic.ts";
import type { Fields } from "./json-access.ts";

export type RegoVersion = 0 | 1;

/** One Rego file. */
export interface RegoSource {
  /** Path inside the bundle, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly regoVersion: RegoVersion;
}

/** What OPA is asked about: Rego files and the data beside them. */
export interface RegoTree {
  readonly rego: readonly RegoSource[];
  /** Text of each `data.json` by its path inside the bundle. */
  readonly data: ReadonlyMap<string, string>;
}

/** A file's syntax tree in OPA's own JSON form, with locations, or why there is none. */
export type ParsedRego =
  { readonly ok: true; readonly module: Fields } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What OPA's compiler made. */
export type CompiledRego =
  | { readonly ok: true; readonly module: Uint8Array; readonly data: Uint8Array }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** One test, or one case of a table of cases. */
export interface RegoTestResult {
  readonly file: string;
  readonly row: number;
  /** Package and name, for example `cortexos.rules.spec.prod_test.test_fires`, with ` > case` for one case. */
  readonly name: string;
  readonly passed: boolean;
  /** Why an erring test ended, where it did. */
  readonly error?: string;
  readonly durationNs: number;
}

/** What ran of one file. */
export interface RegoFileCoverage {
  readonly file: string;
  /** 0 to 100. */
  readonly percent: number;
  /** First and last row of each range that never ran. */
  readonly missed: readonly { readonly fromRow: number; readonly toRow: number }[];
}

export type RegoTestRun =
  | {
      readonly ok: true;
      readonly results: readonly RegoTestResult[];
      readonly coverage: readonly RegoFileCoverage[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * OPA's compiler, whatever runs it. Wrong Rego is a value; a compiler that can't run is thrown.
 *
 * @throws CompilerError (all methods) `compiler.opa_missing`, `compiler.opa_version`, `compiler.opa_failed`.
 */
export interface OpaBackend {
  /** For example `1.22.2`. */
  readonly version: string;
  /** Syntax trees in the order of the tree's files. */
  parse(tree: RegoTree): Promise<readonly ParsedRego[]>;
  /** Strict check, against a JSON Schema of the input where one is given; built-ins that reach outside are refused. */
  check(tree: RegoTree, inputSchema?: string): Promise<readonly Diagnostic[]>;
  compile(tree: RegoTree, entrypoint: string, target: "wasm" | "plan"): Promise<CompiledRego>;
  /** Runs `test_…` rules; those whose name matches `pattern`, where one is given. Coverage only where asked and all tests passed. */
  test(tree: RegoTree, options: { readonly coverage: boolean; readonly pattern?: string }): Promise<RegoTestRun>;
}
