/* oxlint-disable import/no-cycle -- types only */
import { quote } from "../../values/rego-text.ts";
import { byName, isCompatible, typeName, typeText } from "./ast.ts";
import type { Definition, FieldDefinition, Type } from "./ast.ts";
import { checkArguments, checkDirectives, checkName, checkType } from "./check-directives.ts";
import { refuseGraphql } from "./failure.ts";
import type { Draft } from "./schema.ts";

/** Checks one type with its extensions, in OPA's order, so that of several faults the same one is found first. */
export function checkDefinition(definition: Definition, draft: Draft): void {
  for (const field of definition.fields) checkField(field, definition, draft);
  checkMembers(definition, draft);
  for (const name of definition.interfaces) checkInterface(definition, name, draft);
  checkBody(definition, draft);
  checkRepetitions(definition);
  if (!definition.builtIn) checkName(definition.name, definition.position);
  checkDirectives(definition.directives, { draft, location: definition.kind, isOneLocation: false });
}

function checkField(field: FieldDefinition, { kind }: Definition, draft: Draft): void {
  checkName(field.name, field.position);
  checkType(field.type, draft);
  checkArguments(field.arguments, draft);
  const location = kind === "INPUT_OBJECT" ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION";
  checkDirectives(field.directives, { draft, location, isOneLocation: true });
}

function checkMembers({ kind, types, position }: Definition, draft: Draft): void {
  for (const name of types) {
    const member = draft.types.get(name);
    if (member === undefined) refuseGraphql(`Undefined type ${quote(name)}.`, position);
    if (member.kind !== "OBJECT") refuseGraphql(`${kind} type ${quote(name)} must be OBJECT.`, position);
  }
}

const OUTPUT_KINDS = ["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM"];
const INPUT_KINDS = ["SCALAR", "ENUM", "INPUT_OBJECT"];

function checkBody(definition: Definition, draft: Draft): void {
  const { kind, name, fields, position } = definition;
  if (kind === "ENUM") return checkEnum(definition, draft);
  if (kind !== "OBJECT" && kind !== "INTERFACE" && kind !== "INPUT_OBJECT") return;
  const isInput = kind === "INPUT_OBJECT";
  if (fields.length === 0) {
    refuseGraphql(`${kind} ${name}: must define one or more ${isInput ? "input " : ""}fields.`, position);
  }
  const kinds = isInput ? INPUT_KINDS : OUTPUT_KINDS;
  for (const field of fields) {
    const type = draft.types.get(typeName(field.type));
    if (type === undefined || kinds.includes(type.kind)) continue;
    const subject = isInput ? `${type.kind} ${field.name}` : `${kind} ${name}`;
    refuseGraphql(`${subject}: field must be one of ${kinds.join(", ")}.`, field.position);
  }
}

function checkEnum({ name, enumValues, position }: Definition, draft: Draft): void {
  if (enumValues.length === 0) refuseGraphql(`ENUM ${name}: must define one or more unique enum values.`, position);
  for (const value of enumValues) {
    if (["true", "false", "null"].includes(value.name)) {
      refuseGraphql(`ENUM ${name}: non-enum value ${value.name}.`, position);
    }
    checkDirectives(value.directives, { draft, location: "ENUM_VALUE", isOneLocation: true });
  }
}

function checkRepetitions({ name, fields, enumValues, types, typePositions, position }: Definition): void {
  const field = firstRepeated(fields.map((item) => item.name));
  if (field !== undefined) {
    refuseGraphql(`Field ${name}.${fields[field]?.name} can only be defined once.`, fields[field]?.position);
  }
  const value = firstRepeated(enumValues.map((item) => item.name));
  if (value !== undefined) {
    const repeated = enumValues[value];
    refuseGraphql(`Enum value ${name}.${repeated?.name} can only be defined once.`, repeated?.position);
  }
  const member = firstRepeated(types);
  if (member !== undefined) {
    const at = typePositions?.length === types.length ? typePositions[member] : undefined;
    refuseGraphql(`Union type ${name} can only include type ${types[member]} once.`, at ?? position);
  }
}

/** Where the first name that comes again comes again. */
function firstRepeated(names: readonly string[]): number | undefined {
  const seen = new Set<string>();
  const later = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name) && !later.has(name)) later.set(name, index);
    seen.add(name);
  }
  const first = names.find((name) => later.has(name));
  return first === undefined ? undefined : later.get(first);
}

function checkInterface(definition: Definition, name: string, draft: Draft): void {
  const { position } = definition;
  const required = draft.types.get(name);
  if (required === undefined) return refuseGraphql(`Undefined type ${quote(name)}.`, position);
  if (required.kind !== "INTERFACE") {
    refuseGraphql(`${quote(name)} is a non interface type ${required.kind}.`, position);
  }
  for (const field of required.fields) checkImplementation(definition, { name: required.name, field }, draft);
  for (const ancestor of required.interfaces) {
    if (definition.interfaces.includes(ancestor)) continue;
    if (ancestor === definition.name) {
      const message = `Type ${definition.name} cannot implement ${name} because it would create a circular reference.`;
      refuseGraphql(message, position);
    }
    refuseGraphql(`Type ${definition.name} must implement ${ancestor} because it is implemented by ${name}.`, position);
  }
}

interface Required {
  /** The interface's name. */
  readonly name: string;
  readonly field: FieldDefinition;
}

function checkImplementation(definition: Definition, { name, field }: Required, draft: Draft): void {
  const start = `For ${definition.name} to implement ${name}`;
  const found = byName(definition.fields, field.name);
  if (found === undefined) {
    return refuseGraphql(`${start} it must have a field called ${field.name}.`, definition.position);
  }
  if (!isCovariant(field.type, found.type, draft)) {
    refuseGraphql(`${start} the field ${field.name} must have type ${typeText(field.type)}.`, found.position);
  }
  const same = `${start} the field ${field.name} must have the same arguments but`;
  for (const argument of field.arguments) {
    const own = byName(found.arguments, argument.name);
    if (own === undefined) return refuseGraphql(`${same} it is missing ${argument.name}.`, found.position);
    if (!isCompatible(argument.type, own.type))
      refuseGraphql(`${same} ${argument.name} has the wrong type.`, own.position);
  }
  for (const argument of found.arguments) {
    if (byName(field.arguments, argument.name) !== undefined || !argument.type.nonNull) continue;
    if (argument.defaultValue !== undefined) continue;
    const message = `any additional arguments on ${found.name} must be optional or have a default value`;
    refuseGraphql(`${start} ${message} but ${argument.name} is required.`, argument.position);
  }
}

function isCovariant(required: Type, actual: Type, draft: Draft): boolean {
  if (required.nonNull && !actual.nonNull) return false;
  if (required.namedType !== "") {
    if (required.namedType === actual.namedType) return true;
    const possible = draft.possibleTypes.get(required.namedType) ?? [];
    return possible.some((type) => type?.name === actual.namedType);
  }
  if (required.elem === undefined || actual.elem === undefined) return required.elem === actual.elem;
  return isCovariant(required.elem, actual.elem, draft);
}
