import { quote } from "../../values/rego-text.ts";
import { isInput, typeText } from "./ast.ts";
import type { Position, Selection } from "./ast.ts";
import { rootType } from "./schema.ts";
import type { Rule } from "./walk-query.ts";

export function knownDirectives(): Rule {
  const seen = new Set<string>();
  return {
    directive: ({ report }, { name, definition, location, position }) => {
      if (definition === undefined) return report(`Unknown directive "@${name}".`, position);
      const place = `${name} ${position?.line} ${position?.column}`;
      if (definition.locations.includes(location) || seen.has(place)) return;
      report(`Directive "@${name}" may not be used on ${location}.`, position);
      seen.add(place);
    },
  };
}

export function uniqueDirectivesPerLocation(): Rule {
  return {
    directives: ({ report }, directives) => {
      const seen = new Set<string>();
      for (const { name, definition, position } of directives) {
        if (definition?.isRepeatable !== true && seen.has(name)) {
          report(`The directive "@${name}" can only be used once at this location.`, position);
        }
        seen.add(name);
      }
    },
  };
}

export function knownRootType(): Rule {
  return {
    operation: ({ schema, report }, { operation, position }) => {
      if (rootType(schema, operation) !== undefined) return;
      report(`Schema does not support operation type "${operation}"`, position);
    },
  };
}

export function loneAnonymousOperation(): Rule {
  return {
    operation: ({ document, report }, { name, position }) => {
      if (name !== "" || document.operations.length < 2) return;
      report("This anonymous operation must be the only defined operation.", position);
    },
  };
}

export function uniqueOperationNames(): Rule {
  const seen = new Set<string>();
  return {
    operation: ({ report }, { name, position }) => {
      if (seen.has(name)) report(`There can be only one operation named "${name}".`, position);
      seen.add(name);
    },
  };
}

export function singleFieldSubscriptions(): Rule {
  return {
    operation: ({ schema, report }, { operation, name, selectionSet }) => {
      if (schema.subscription === undefined || operation !== "subscription") return;
      const fields = topFields(selectionSet);
      const subject = name === "" ? "Anonymous Subscription" : `Subscription ${quote(name)}`;
      const [, second] = fields;
      if (second !== undefined) report(`${subject} must select only one top level field.`, second[1]);
      for (const [field, position] of fields) {
        if (field.startsWith("__")) report(`${subject} must not select an introspection top level field.`, position);
      }
    },
  };
}

/** Fields of a selection and of the fragments in it, each name once. */
function topFields(selections: readonly Selection[]): readonly (readonly [string, Position | undefined])[] {
  const fields = new Map<string, Position | undefined>();
  const spread = new Set<string>();
  const visit = (set: readonly Selection[]): void => {
    for (const selection of set) {
      if (selection.node === "InlineFragment") visit(selection.selectionSet);
      else if (selection.node === "Field") {
        if (!fields.has(selection.name)) fields.set(selection.name, selection.position);
      } else if (selection.definition === undefined) return;
      else if (!spread.has(selection.definition.name)) {
        spread.add(selection.definition.name);
        visit(selection.definition.selectionSet);
      }
    }
  };
  visit(selections);
  return [...fields];
}

export function noUnusedVariables(): Rule {
  return {
    operation: ({ report }, { name, variableDefinitions }) => {
      const where = name === "" ? "" : ` in operation "${name}"`;
      for (const { variable, used, position } of variableDefinitions) {
        if (!used) report(`Variable "$${variable}" is never used${where}.`, position);
      }
    },
  };
}

export function uniqueVariableNames(): Rule {
  return {
    operation: ({ report }, { variableDefinitions }) => {
      const counts = new Map<string, number>();
      for (const { variable, position } of variableDefinitions) {
        const count = counts.get(variable) ?? 0;
        if (count === 1) report(`There can be only one variable named "$${variable}".`, position);
        counts.set(variable, count + 1);
      }
    },
  };
}

export function variablesAreInputTypes(): Rule {
  return {
    operation: ({ report }, { variableDefinitions }) => {
      for (const { variable, type, definition, position } of variableDefinitions) {
        if (definition === undefined || isInput(definition)) continue;
        report(`Variable "$${variable}" cannot be non-input type "${typeText(type)}".`, position);
      }
    },
  };
}
