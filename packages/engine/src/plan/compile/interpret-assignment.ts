import type { Statement } from "../ir/statement.ts";
import { addTo, appendTo, assignmentConflict, insertInto, insertOnceInto, merge } from "../run/operations.ts";
import { equal } from "../values/compare.ts";
import { lengthOf, lookup, lookupData } from "../values/lookup.ts";
import { numberFromText } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { apply, assign, define, does, reader, type InterpretContext, type Step } from "./step.ts";

/** A statement that makes, changes or looks up values. */
export function interpretAssignment(s: Statement, context: InterpretContext): Step {
  const where = `${context.plan.files[s.location.file] ?? ""}:${s.location.row}`;
  switch (s.kind) {
    // Dot: an element, member or set member; undefined when there is none.
    case "Dot":
      return define(s.target, apply(s.source, s.key, context.dataReferences.has(s) ? lookupData : lookup));
    // Len: the size of a composite or string.
    case "Len":
      return define(
        s.target,
        apply(s.source, s.source, (value) => lengthOf(value)),
      );
    // AssignVar: a copy of the reference.
    case "AssignVar":
      return assign(s.target, reader(s.source));
    // AssignVarOnce: an assignment that conflicts with an earlier one of another value.
    case "AssignVarOnce": {
      const source = reader(s.source);
      return does((f) => {
        const value = source(f);
        if (f[s.target] === undefined) f[s.target] = value;
        else if (!equal(f[s.target], value)) assignmentConflict(where);
      });
    }
    // ResetLocal: back to undefined.
    case "ResetLocal":
      return assign(s.target, () => undefined);
    // MakeNull, AssignInt, MakeNumberInt, MakeNumberRef: constants.
    case "MakeNull":
      return assign(s.target, () => null);
    case "AssignInt":
    case "MakeNumberInt": {
      const value = numberFromText(s.value);
      return assign(s.target, () => value);
    }
    case "MakeNumberRef": {
      const value = numberFromText(s.text);
      return assign(s.target, () => value);
    }
    // MakeArray, MakeObject, MakeSet: new and empty.
    case "MakeArray":
      return assign(s.target, () => []);
    case "MakeObject":
      return assign(s.target, () => new RegoObject());
    case "MakeSet":
      return assign(s.target, () => new RegoSet());
    // ObjectMerge: a recursive merge in which `a` wins.
    case "ObjectMerge":
      return assign(s.target, (f) => merge(f[s.a], f[s.b]));
    default:
      return interpretInsertion(s, where);
  }
}

function interpretInsertion(s: Statement, where: string): Step {
  switch (s.kind) {
    // ArrayAppend, SetAdd: grow what the plan made.
    case "ArrayAppend": {
      const value = reader(s.value);
      return does((f) => appendTo(f[s.array], value(f)));
    }
    case "SetAdd": {
      const value = reader(s.value);
      return does((f) => addTo(f[s.set], value(f)));
    }
    // ObjectInsert, ObjectInsertOnce: set a member; the latter conflicts with an earlier one of another value.
    case "ObjectInsert":
    case "ObjectInsertOnce": {
      const key = reader(s.key);
      const value = reader(s.value);
      if (s.kind === "ObjectInsert") return does((f) => insertInto(f[s.object], key(f), value(f)));
      return does((f) => insertOnceInto(f[s.object], [key(f), value(f)], where));
    }
    default:
      throw new TypeError(`statement without an interpreter: ${s.kind}`);
  }
}
