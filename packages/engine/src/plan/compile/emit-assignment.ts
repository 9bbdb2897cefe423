import type { Statement } from "../ir/statement.ts";
import { know, line, local, operand, valueOf, type Scope } from "./emit-scope.ts";
import { constantOf, simpleConstant } from "./fold-constants.ts";

/** JS for a statement that only makes or changes values: it is never undefined. */
export function emitAssignment(s: Statement, scope: Scope): void {
  switch (s.kind) {
    // Len: the size of a composite or string.
    case "Len":
      return line(scope, `${local(s.target)} = lengthOf(${operand(s.source)});`);
    // AssignVar: a copy of the reference.
    case "AssignVar":
      know(scope, s.target, constantOf(s.source, scope.known));
      return line(scope, `${local(s.target)} = ${operand(s.source)};`);
    // AssignVarOnce: an assignment that conflicts with an earlier one of another value.
    case "AssignVarOnce": {
      const [target, source] = [local(s.target), operand(s.source)];
      line(
        scope,
        `if (${target} !== undefined && !equal(${target}, ${source})) assignmentConflict(${place(s, scope)});`,
      );
      // The first of equal values stays: `1` and `1.0` are one value in two texts.
      return line(scope, `if (${target} === undefined) ${target} = ${source};`);
    }
    // ResetLocal: back to undefined.
    case "ResetLocal":
      return line(scope, `${local(s.target)} = undefined;`);
    // AssignInt, MakeNull, MakeNumberInt, MakeNumberRef: constants.
    case "MakeNull":
    case "AssignInt":
    case "MakeNumberInt":
    case "MakeNumberRef":
      know(scope, s.target, simpleConstant(s));
      return line(scope, `${local(s.target)} = ${valueOf(scope, { type: "local", local: s.target })};`);
    // MakeArray, MakeObject, MakeSet: new and empty.
    case "MakeArray":
      return line(scope, `${local(s.target)} = [];`);
    case "MakeObject":
      return line(scope, `${local(s.target)} = ${scope.use.records.has(s.target) ? "{}" : "new RegoObject()"};`);
    case "MakeSet":
      return line(scope, `${local(s.target)} = ${scope.use.lateSets.has(s.target) ? "NO_MEMBERS" : "new RegoSet()"};`);
    // ObjectMerge: a recursive merge in which `a` wins.
    case "ObjectMerge":
      return line(scope, `${local(s.target)} = merge(${local(s.a)}, ${local(s.b)});`);
    default:
      return emitInsertion(s, scope);
  }
}

function emitInsertion(s: Statement, scope: Scope): void {
  switch (s.kind) {
    // ArrayAppend, SetAdd: grow what the plan made.
    case "ArrayAppend":
      return line(scope, `appendTo(${local(s.array)}, ${operand(s.value)});`);
    case "SetAdd":
      if (!scope.use.lateSets.has(s.set)) return line(scope, `addTo(${local(s.set)}, ${valueOf(scope, s.value)});`);
      return line(scope, `${local(s.set)} = withMember(${local(s.set)}, ${valueOf(scope, s.value)});`);
    // ObjectInsert: sets a member.
    case "ObjectInsert":
      if (scope.use.records.has(s.object)) return line(scope, setMember(s));
      return line(scope, `insertInto(${local(s.object)}, ${operand(s.key)}, ${operand(s.value)});`);
    // ObjectInsertOnce: sets a member that conflicts with an earlier one of another value.
    case "ObjectInsertOnce": {
      const [object, key, value] = [local(s.object), operand(s.key), operand(s.value)];
      if (!scope.use.records.has(s.object)) {
        return line(scope, `insertOnceInto(${object}, [${key}, ${value}], ${place(s, scope)});`);
      }
      line(scope, `if (hasOwn(${object}, ${key}) && !equal(${object}[${key}], ${value}))`);
      return line(scope, `objectConflict(${place(s, scope)}); ${setMember(s)}`);
    }
    default:
      throw new TypeError(`statement without code: ${s.kind}`);
  }
}

type Insertion = Extract<Statement, { readonly kind: "ObjectInsert" | "ObjectInsertOnce" }>;

function setMember(s: Insertion): string {
  const value = operand(s.value);
  return `if (${value} !== undefined) ${local(s.object)}[${operand(s.key)}] = ${value};`;
}

function place(s: Statement, scope: Scope): string {
  return JSON.stringify(`${scope.out.files[s.location.file] ?? ""}:${s.location.row}`);
}
