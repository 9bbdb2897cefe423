import type { Position, QueryDocument } from "./ast.ts";
import { placedText } from "./failure.ts";
import { overlappingFieldsCanBeMerged } from "./overlapping-fields.ts";
import * as fields from "./rules-fields.ts";
import * as fragments from "./rules-fragments.ts";
import * as operations from "./rules-operations.ts";
import * as values from "./rules-values.ts";
import type { Schema } from "./schema.ts";
import { walkQuery } from "./walk-query.ts";

/** Makers of rules in the order of their names, in which OPA lets them speak. */
const RULES = [
  fields.fieldsOnCorrectType,
  fragments.fragmentsOnCompositeTypes,
  fields.knownArgumentNames,
  operations.knownDirectives,
  fragments.knownFragmentNames,
  operations.knownRootType,
  fragments.knownTypeNames,
  operations.loneAnonymousOperation,
  fields.maxIntrospectionDepth,
  fragments.noFragmentCycles,
  values.noUndefinedVariables,
  fragments.noUnusedFragments,
  operations.noUnusedVariables,
  overlappingFieldsCanBeMerged,
  fragments.possibleFragmentSpreads,
  fields.providedRequiredArguments,
  fields.scalarLeafs,
  operations.singleFieldSubscriptions,
  fields.uniqueArgumentNames,
  operations.uniqueDirectivesPerLocation,
  fragments.uniqueFragmentNames,
  values.uniqueInputFieldNames,
  operations.uniqueOperationNames,
  operations.uniqueVariableNames,
  values.valuesOfCorrectType,
  operations.variablesAreInputTypes,
  values.variablesInAllowedPosition,
] as const;

/** Faults of a query, each as `input:<line>:<column>: <message>` and a line break; empty when it is valid. Changes the query's nodes. */
export function faultsOfQuery(schema: Schema, document: QueryDocument, charge: (steps: number) => void): string {
  let faults = "";
  const report = (message: string, position: Position | undefined): void => {
    faults += `${placedText(message, position)}\n`;
  };
  walkQuery(
    { schema, document, charge, report },
    RULES.map((make) => make()),
  );
  return faults;
}
