import type { UncheckedBuiltin } from "../run/builtin.ts";
import { AGGREGATE_BUILTINS } from "./aggregates.ts";
import { COMPARISON_BUILTINS } from "./comparisons.ts";
import { NUMBER_BUILTINS } from "./numbers.ts";
import { OBJECT_BUILTINS } from "./objects.ts";
import { SET_BUILTINS } from "./sets.ts";
import { STRING_BUILTINS } from "./strings.ts";

/** Every built-in there is, by OPA's name. A plan that needs another one is refused. */
export const BUILTINS: ReadonlyMap<string, UncheckedBuiltin> = new Map(
  [AGGREGATE_BUILTINS, COMPARISON_BUILTINS, NUMBER_BUILTINS, OBJECT_BUILTINS, SET_BUILTINS, STRING_BUILTINS].flatMap(
    (family) => Object.entries(family),
  ),
);
