import type { Diagnostic } from "./diagnostic.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import { checkTypes } from "./input-schema.ts";
import { checkEffectRules } from "./main-module.ts";
import type { OpaBackend, ParsedRego, RegoSource, RegoVersion } from "./opa-backend.ts";
import { readRegoModule } from "./rego-module.ts";
import { findUndefinedNot } from "./undefined-not.ts";
import { explainUnsafeNot } from "./unsafe-not.ts";

/** One Rego file on its own. */
export interface LooseFile {
  /** As the caller names it; diagnostics carry it. */
  readonly file: string;
  readonly text: string;
  /** Version to read it as; v1 where it parses as such, else v0, when absent. */
  readonly regoVersion?: RegoVersion;
  /** JSON Schema of the tree that the file lies in, as text; it may say more of the input than the gate's own schema, which holds anyway. */
  readonly inputSchema?: string;
  /** Whether the file is part of a pack, where it needs a `package` line; `false` when absent. */
  readonly inPack?: boolean;
}

/**
 * Checks one file on its own, against the input that the gate gives. A file without a `package` line is read as if it had one, so that a
 * rule can be tried as it is printed somewhere.
 *
 * @throws CompilerError when OPA can't run.
 */
export async function checkFile(loose: LooseFile, opa: OpaBackend): Promise<readonly Diagnostic[]> {
  const versions: readonly RegoVersion[] = loose.regoVersion === undefined ? [1, 0] : [loose.regoVersion];
  const { source, parsed, rowsAdded } = await parseLoose(loose.text, versions, opa);
  const module = parsed.ok ? readRegoModule(source, parsed.module) : undefined;
  const effects = module === undefined ? [] : checkEffectRules([module]);
  const checked = parsed.ok
    ? await checkTypes(opa, { rego: [source], data: new Map() }, loose.inputSchema)
    : parsed.diagnostics;
  const explained = module === undefined ? checked : explainUnsafeNot(module, checked);
  const undefinedNot = (module === undefined ? [] : findUndefinedNot(module)).filter(
    ({ row, col }) => !checked.some((other) => other.row === row && other.col === col),
  );
  const moved = [...effects, ...explained, ...undefinedNot].map((diagnostic) => ({
    ...diagnostic,
    file: loose.file,
    row: Math.max(1, diagnostic.row - rowsAdded),
  }));
  const incomplete = rowsAdded > 0 && loose.inPack === true;
  return sortDiagnostics(incomplete ? [noPackage(loose.file), ...moved] : moved);
}

interface ParsedLoose {
  readonly source: RegoSource;
  readonly parsed: ParsedRego;
  readonly rowsAdded: 0 | 1;
}

const PATH = "loose.rego";
const PACKAGE_LINE = "package cortexos.rules.loose\n";

/** The first reading without a syntax error, or the first one of all. */
async function parseLoose(text: string, versions: readonly RegoVersion[], opa: OpaBackend): Promise<ParsedLoose> {
  const hasPackage = /^\s*package\s/m.test(text.replaceAll(/#.*$/gm, ""));
  const rowsAdded = hasPackage ? 0 : 1;
  const readings = await Promise.all(
    versions.map(async (regoVersion): Promise<ParsedLoose | undefined> => {
      const source = { path: PATH, text: hasPackage ? text : PACKAGE_LINE + text, regoVersion };
      const [parsed] = await opa.parse({ rego: [source], data: new Map() });
      return parsed === undefined ? undefined : { source, parsed, rowsAdded };
    }),
  );
  const done = readings.filter((reading) => reading !== undefined);
  const chosen = done.find((reading) => reading.parsed.ok) ?? done[0];
  if (chosen === undefined) throw new TypeError("OPA's parser gave no answer");
  return chosen;
}

function noPackage(file: string): Diagnostic {
  const message = "no `package` line; begin the file with `package cortexos.rules.<pack>.<rule>`";
  return { file, row: 1, col: 1, code: "check.package_missing", message };
}
