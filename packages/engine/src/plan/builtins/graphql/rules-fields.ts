import { byName, isLeaf, typeName, typeText } from "./ast.ts";
import type { Argument, ArgumentDefinition, Definition, Directive, Field, FragmentSpread, Selection } from "./ast.ts";
import { quotedOrList, suggestionText } from "./suggestions.ts";
import type { Rule, Walk } from "./walk-query.ts";

/** A field must be one of its type. */
export function fieldsOnCorrectType(): Rule {
  return {
    field: ({ schema, report }, { name, definition, objectDefinition, position }) => {
      if (objectDefinition === undefined || definition !== undefined) return;
      const types = typesWith(objectDefinition, name, { schema });
      const hint =
        types.length > 0
          ? ` Did you mean to use an inline fragment on ${quotedOrList(types)}?`
          : similarFields(objectDefinition, name);
      report(`Cannot query field "${name}" on type "${objectDefinition.name}".${hint}`, position);
    },
  };
}

/** Types that an abstract one may be and that have the field, those most used first. */
function typesWith(parent: Definition, name: string, { schema }: Pick<Walk, "schema">): readonly string[] {
  if (parent.kind !== "INTERFACE" && parent.kind !== "UNION") return [];
  const objects: string[] = [];
  const uses = new Map<string, number>();
  for (const possible of schema.possibleTypes.get(parent.name) ?? []) {
    if (possible === undefined || byName(possible.fields, name) === undefined) continue;
    objects.push(possible.name);
    for (const parentName of possible.interfaces) {
      const fields = schema.types.get(parentName)?.fields ?? [];
      if (byName(fields, name) !== undefined) uses.set(parentName, (uses.get(parentName) ?? 0) + 1);
    }
  }
  const byUse = (a: string, b: string): number => (uses.get(b) ?? 0) - (uses.get(a) ?? 0) || (a < b ? -1 : 1);
  return [...uses.keys(), ...objects].sort(byUse);
}

function similarFields({ kind, fields }: Definition, name: string): string {
  if (kind !== "OBJECT" && kind !== "INTERFACE") return "";
  return suggestionText(
    "Did you mean",
    name,
    fields.map((field) => field.name),
  );
}

/** An argument must be one of its field or directive. */
export function knownArgumentNames(): Rule {
  const check = (walk: Walk, { arguments: args, position }: Field | Directive, known: Known): void => {
    const names = known.definitions.map(({ name }) => name);
    for (const { name } of args) {
      if (names.includes(name)) continue;
      const hint = suggestionText("Did you mean", name, names);
      walk.report(`Unknown argument "${name}" on ${known.where}.${hint}`, position);
    }
  };
  return {
    field: (walk, field) => {
      const { definition, objectDefinition } = field;
      if (definition === undefined || objectDefinition === undefined) return;
      const where = `field "${objectDefinition.name}.${field.name}"`;
      check(walk, field, { definitions: definition.arguments, where });
    },
    directive: (walk, directive) => {
      const { definition, name } = directive;
      if (definition !== undefined) {
        check(walk, directive, { definitions: definition.arguments, where: `directive "@${name}"` });
      }
    },
  };
}

interface Known {
  readonly definitions: readonly ArgumentDefinition[];
  readonly where: string;
}

/** Arguments that can't be null and have no default must be given. */
export function providedRequiredArguments(): Rule {
  const check = (walk: Walk, { arguments: args, position }: Field | Directive, known: Known): void => {
    for (const { name, type, defaultValue } of known.definitions) {
      if (!type.nonNull || defaultValue !== undefined || byName(args, name) !== undefined) continue;
      const argument = `${known.where} argument "${name}" of type "${typeText(type)}"`;
      walk.report(`${argument} is required, but it was not provided.`, position);
    }
  };
  return {
    field: (walk, field) => {
      const definitions = field.definition?.arguments ?? [];
      check(walk, field, { definitions, where: `Field "${field.name}"` });
    },
    directive: (walk, directive) => {
      const definitions = directive.definition?.arguments ?? [];
      check(walk, directive, { definitions, where: `Directive "@${directive.name}"` });
    },
  };
}

/** Fields of leaf types have no selection, all others have one. */
export function scalarLeafs(): Rule {
  return {
    field: ({ schema, report }, { name, definition, selectionSet, position }) => {
      const type = definition === undefined ? undefined : schema.types.get(typeName(definition.type));
      if (definition === undefined || type === undefined) return;
      if (isLeaf(type) && selectionSet.length > 0) {
        report(`Field "${name}" must not have a selection since type "${type.name}" has no subfields.`, position);
      }
      if (!isLeaf(type) && selectionSet.length === 0) {
        const field = `Field "${name}" of type "${typeText(definition.type)}"`;
        report(`${field} must have a selection of subfields. Did you mean "${name} { ... }"?`, position);
      }
    },
  };
}

export function uniqueArgumentNames(): Rule {
  const check = ({ report }: Walk, args: readonly Argument[]): void => {
    const counts = new Map<string, number>();
    for (const { name, position } of args) {
      const count = counts.get(name) ?? 0;
      if (count === 1) report(`There can be only one argument named "${name}".`, position);
      counts.set(name, count + 1);
    }
  };
  return {
    field: (walk, field) => check(walk, field.arguments),
    directive: (walk, directive) => check(walk, directive.arguments),
  };
}

const LIST_FIELDS = new Set(["fields", "interfaces", "possibleTypes", "inputFields"]);
const LISTS_DEPTH_MAX = 3;

/** Introspection may go through that many lists only. */
export function maxIntrospectionDepth(): Rule {
  return {
    field: (walk, field) => {
      if (field.name !== "__schema" && field.name !== "__type") return;
      if (isTooDeep(walk, field, { depth: 0, open: new Set() })) {
        walk.report("Maximum introspection depth exceeded", field.position);
      }
    },
  };
}

interface Depth {
  readonly depth: number;
  /** Fragments that are being looked into. */
  readonly open: Set<string>;
}

function isTooDeep(walk: Walk, selection: Selection, { depth, open }: Depth): boolean {
  walk.charge(1);
  if (selection.node === "FragmentSpread") return isSpreadTooDeep(walk, selection, { depth, open });
  const deeper = selection.node === "Field" && LIST_FIELDS.has(selection.name) ? depth + 1 : depth;
  if (deeper >= LISTS_DEPTH_MAX) return true;
  return selection.selectionSet.some((child) => isTooDeep(walk, child, { depth: deeper, open }));
}

function isSpreadTooDeep(walk: Walk, { name, definition }: FragmentSpread, { depth, open }: Depth): boolean {
  if (definition === undefined || open.has(name)) return false;
  open.add(name);
  const found = definition.selectionSet.some((child) => isTooDeep(walk, child, { depth, open }));
  open.delete(name);
  return found;
}
