import { byName, isComposite, typeName } from "./ast.ts";
import type { Definition, FragmentDefinition, FragmentSpread, Position, Selection } from "./ast.ts";
import { suggestionText } from "./suggestions.ts";
import type { Rule, Walk } from "./walk-query.ts";

export function fragmentsOnCompositeTypes(): Rule {
  return {
    inlineFragment: ({ schema, report }, { typeCondition, position }) => {
      const type = schema.types.get(typeCondition);
      if (type === undefined || isComposite(type)) return;
      report(`Fragment cannot condition on non composite type "${typeCondition}".`, position);
    },
    fragment: ({ report }, { name, definition, typeCondition, position }) => {
      if (definition === undefined || typeCondition === "" || isComposite(definition)) return;
      report(`Fragment "${name}" cannot condition on non composite type "${typeCondition}".`, position);
    },
  };
}

export function knownFragmentNames(): Rule {
  return {
    fragmentSpread: ({ report }, { name, definition, position }) => {
      if (definition === undefined) report(`Unknown fragment "${name}".`, position);
    },
  };
}

export function knownTypeNames(): Rule {
  return {
    variable: ({ report }, { type, definition, position }) => {
      if (definition === undefined) report(`Unknown type "${typeName(type)}".`, position);
    },
    inlineFragment: ({ schema, report }, { typeCondition, position }) => {
      if (typeCondition === "" || schema.types.has(typeCondition)) return;
      report(`Unknown type "${typeCondition}".`, position);
    },
    fragment: ({ schema, report }, { typeCondition, position }) => {
      if (schema.types.has(typeCondition)) return;
      const hint = suggestionText("Did you mean", typeCondition, [...schema.types.keys()]);
      report(`Unknown type "${typeCondition}".${hint}`, position);
    },
  };
}

/** A fragment must not spread itself, by whatever way. */
export function noFragmentCycles(): Rule {
  const visited = new Set<string>();
  return {
    fragment: (walk, fragment) => {
      const path: FragmentSpread[] = [];
      const depths = new Map<string, number>();
      const visit = ({ name, selectionSet }: FragmentDefinition): void => {
        if (visited.has(name)) return;
        visited.add(name);
        depths.set(name, path.length);
        for (const spread of spreadsOf(selectionSet)) {
          walk.charge(1);
          path.push(spread);
          const depth = depths.get(spread.name);
          const next = depth === undefined ? byName(walk.document.fragments, spread.name) : undefined;
          if (depth !== undefined) reportCycle(walk, spread, path.slice(depth, -1));
          if (next !== undefined) visit(next);
          path.pop();
        }
        depths.delete(name);
      };
      visit(fragment);
    },
  };
}

function reportCycle({ report }: Walk, { name, position }: FragmentSpread, cycle: readonly FragmentSpread[]): void {
  const via = cycle.length === 0 ? "" : ` via ${cycle.map((spread) => `"${spread.name}"`).join(", ")}`;
  report(`Cannot spread fragment "${name}" within itself${via}.`, position);
}

/** Spreads at any depth, the last selection sets first. */
function spreadsOf(selections: readonly Selection[]): readonly FragmentSpread[] {
  const spreads: FragmentSpread[] = [];
  const waiting = [selections];
  for (let set = waiting.pop(); set !== undefined; set = waiting.pop()) {
    for (const selection of set) {
      if (selection.node === "FragmentSpread") spreads.push(selection);
      else waiting.push(selection.selectionSet);
    }
  }
  return spreads;
}

export function noUnusedFragments(): Rule {
  const used = new Set<string>();
  let isAmongFragments = false;
  return {
    fragmentSpread: (_, { name }) => {
      if (!isAmongFragments) used.add(name);
    },
    fragment: ({ report }, { name, position }) => {
      isAmongFragments = true;
      if (!used.has(name)) report(`Fragment "${name}" is never used.`, position);
    },
  };
}

/** A fragment's type and the type it is spread in must have an object type in common. */
export function possibleFragmentSpreads(): Rule {
  const isPossible = ({ schema }: Walk, parent: Definition | undefined, typeCondition: string): boolean => {
    const type = schema.types.get(typeCondition);
    if (parent === undefined || type === undefined || !isComposite(parent) || !isComposite(type)) return true;
    const parents = parent.kind === "OBJECT" ? [parent] : (schema.possibleTypes.get(parent.name) ?? []);
    const names = new Set(parents.map((definition) => definition?.name));
    return (schema.possibleTypes.get(type.name) ?? []).some((definition) => names.has(definition?.name));
  };
  const words = (parent: Definition | undefined, typeCondition: string): string =>
    `cannot be spread here as objects of type "${parent?.name}" can never be of type "${typeCondition}".`;
  const check = (walk: Walk, { name, parent, typeCondition, position }: Spreading): void => {
    if (!isPossible(walk, parent, typeCondition)) walk.report(`${name} ${words(parent, typeCondition)}`, position);
  };
  return {
    inlineFragment: (walk, { objectDefinition: parent, typeCondition, position }) =>
      check(walk, { name: "Fragment", parent, typeCondition, position }),
    fragmentSpread: (walk, { name, definition, objectDefinition: parent, position }) => {
      if (definition === undefined) return;
      check(walk, { name: `Fragment "${name}"`, parent, typeCondition: definition.typeCondition, position });
    },
  };
}

interface Spreading {
  readonly name: string;
  readonly parent: Definition | undefined;
  readonly typeCondition: string;
  readonly position: Position | undefined;
}

export function uniqueFragmentNames(): Rule {
  const seen = new Set<string>();
  return {
    fragment: ({ report }, { name, position }) => {
      if (seen.has(name)) report(`There can be only one fragment named "${name}".`, position);
      seen.add(name);
    },
  };
}
