import { quote } from "../../values/rego-text.ts";
import type { Definition, FieldDefinition } from "./ast.ts";
import { refuseGraphql } from "./failure.ts";

/** Refuses input objects that hold themselves, however far down, in fields that can't be null: no value could be written for them. */
export function checkInputCycles(names: readonly string[], types: ReadonlyMap<string, Definition>): void {
  const visited = new Set<string>();
  const path: FieldDefinition[] = [];
  const depths = new Map<string, number>();
  const visit = (definition: Definition): void => {
    if (visited.has(definition.name)) return;
    visited.add(definition.name);
    depths.set(definition.name, path.length);
    for (const field of definition.fields) {
      const target = field.type.nonNull ? types.get(field.type.namedType) : undefined;
      if (target?.kind !== "INPUT_OBJECT") continue;
      path.push(field);
      const depth = depths.get(target.name);
      if (depth !== undefined) refuseCycle(target.name, path.slice(depth));
      visit(target);
      path.pop();
    }
    depths.delete(definition.name);
  };
  for (const name of names) {
    const definition = types.get(name);
    if (definition?.kind === "INPUT_OBJECT") visit(definition);
  }
}

function refuseCycle(name: string, cycle: readonly FieldDefinition[]): never {
  const fields = quote(cycle.map((field) => field.name).join("."));
  const message = `Cannot reference Input Object ${quote(name)} within itself through a series of non-null fields: ${fields}.`;
  return refuseGraphql(message, cycle[0]?.position);
}
