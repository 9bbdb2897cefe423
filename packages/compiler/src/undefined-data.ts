import type { Diagnostic } from "./diagnostic.ts";
import { isFields } from "./json-access.ts";
import type { RegoTree } from "./opa-backend.ts";
import { isTestPath } from "./pack-tree.ts";
import type { RegoModule } from "./rego-module.ts";

/**
 * Finds what rules read under `data` and nothing in the tree defines. A bundle brings all of its data, so such a reference is undefined for
 * ever, and a deny that reads it never fires. Rules, not tests: a test may put anything there by `with`.
 */
export function findUndefinedData(modules: readonly RegoModule[], data: RegoTree["data"]): readonly Diagnostic[] {
  const own = modules.filter(({ file }) => !isTestPath(file));
  const root = knownData(own, data);
  return own.flatMap((module) =>
    module.dataRefs.flatMap(({ path, row, col }) => {
      const fault = undefinedStep(root, path);
      if (fault === undefined) return [];
      const message = `nothing here defines \`${refText(path.slice(0, fault.depth + 1))}\`; \`${refText(path.slice(0, fault.depth))}\` has ${fault.names}`;
      return [{ file: module.file, row, col, code: "check.data_undefined", message }];
    }),
  );
}

interface Known {
  /** A rule's value, or data that has no names: whatever follows may be there. */
  open: boolean;
  readonly below: Map<string, Known>;
}

function knownData(modules: readonly RegoModule[], data: RegoTree["data"]): Known {
  const root: Known = { open: false, below: new Map() };
  place(root, ["cortexos", "main"]).open = true;
  for (const { packagePath, rules } of modules) {
    place(root, packagePath);
    for (const { name } of rules) place(root, [...packagePath, name]).open = true;
  }
  for (const [file, text] of data) {
    const value: unknown = JSON.parse(text);
    addValue(place(root, file.split("/").slice(0, -1)), value);
  }
  return root;
}

function place(root: Known, path: readonly string[]): Known {
  let at = root;
  for (const step of path) {
    const next = at.below.get(step) ?? { open: false, below: new Map<string, Known>() };
    at.below.set(step, next);
    at = next;
  }
  return at;
}

function addValue(at: Known, value: unknown): void {
  if (!isFields(value)) at.open = true;
  else for (const [name, member] of Object.entries(value)) addValue(place(at, [name]), member);
}

const NAMES_MAX = 20;

function undefinedStep(
  root: Known,
  path: readonly string[],
): { readonly depth: number; readonly names: string } | undefined {
  let at = root;
  for (const [depth, step] of path.entries()) {
    if (at.open) return undefined;
    const next = at.below.get(step);
    if (next === undefined) return { depth, names: namesBelow(at) };
    at = next;
  }
  return undefined;
}

function namesBelow({ below }: Known): string {
  const names = [...below.keys()].sort();
  if (names.length === 0) return "nothing";
  return names.length > NAMES_MAX ? `${names.slice(0, NAMES_MAX).join(", ")} and more` : names.join(", ");
}

function refText(path: readonly string[]): string {
  const steps = path.map((step) => (/^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`));
  return `data${steps.join("")}`;
}
