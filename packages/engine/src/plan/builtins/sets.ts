import type { UncheckedBuiltin } from "../run/builtin.ts";
import { RegoSet } from "../values/set.ts";
import type { Value } from "../values/value.ts";
import { setOperand } from "./operands.ts";

/** Operations on sets. */
export const SET_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  and: (_, a: Value, b: Value) => intersect(setOperand(a, 1), setOperand(b, 2)),
  or: (_, a: Value, b: Value) => RegoSet.of([...setOperand(a, 1).values(), ...setOperand(b, 2).values()]),
  set_diff: (_, a: Value, b: Value) => setDifference(setOperand(a, 1), setOperand(b, 2)),
  union: (_, sets: Value) =>
    RegoSet.of(
      setOperand(sets, 1)
        .sorted()
        .flatMap((member) => setOperand(member, 1).values()),
    ),
  intersection: (_, sets: Value) => {
    const [first, ...rest] = setOperand(sets, 1)
      .sorted()
      .map((member) => setOperand(member, 1));
    return rest.reduce(intersect, first ?? new RegoSet());
  },
};

export function setDifference(a: RegoSet, b: RegoSet): RegoSet {
  return RegoSet.of(a.values().filter((value) => !b.has(value)));
}

function intersect(a: RegoSet, b: RegoSet): RegoSet {
  return RegoSet.of(a.values().filter((value) => b.has(value)));
}
