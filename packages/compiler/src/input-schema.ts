import { readFileSync } from "node:fs";
import { canonicalJson, decodeJson } from "@cortexos/protocol";
import type { Diagnostic } from "./diagnostic.ts";
import type { OpaBackend, RegoTree } from "./opa-backend.ts";

/** Committed copy of `policies/schemas/input.json`, made by `npm run generate:docs`: whoever has the compiler has the schema. */
const SCHEMA_FILE = new URL("../schemas/input.json", import.meta.url);

/** The JSON Schema of what the gate gives to a policy, as text. */
export function inputSchema(): string {
  return readFileSync(SCHEMA_FILE, "utf8");
}

/**
 * OPA's strict check against the input that the gate gives. A field that the gate never gives would be undefined, and a deny that reads it
 * would never fire. A schema of the tree's own may only say more: it is checked after ours, never instead of it.
 *
 * @throws CompilerError when OPA can't run.
 */
export async function checkTypes(
  opa: OpaBackend,
  sources: RegoTree,
  ownSchema: string | undefined,
): Promise<readonly Diagnostic[]> {
  const ours = inputSchema();
  const found = await opa.check(sources, ours);
  if (found.length > 0 || ownSchema === undefined || isSame(ours, ownSchema)) return found;
  return opa.check(sources, ownSchema);
}

const LIMITS = { depthMax: 64, valuesMax: 2_000_000 };

function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => decodeJson(new TextEncoder().encode(text), LIMITS));
  if (left?.ok !== true || right?.ok !== true) return false;
  return canonicalJson(left.value) === canonicalJson(right.value);
}
