/* oxlint-disable import/no-cycle -- directives have arguments, arguments have directives */
import { byName, isInput, typeName, typeText, VALUE_KIND } from "./ast.ts";
import type { ArgumentDefinition, Directive, DirectiveDefinition, Position, Type } from "./ast.ts";
import { refuseGraphql } from "./failure.ts";
import type { Draft } from "./schema.ts";

/** Where directives stand. */
export interface DirectivePlace {
  readonly draft: Draft;
  /** A directive location, such as `FIELD_DEFINITION`. */
  readonly location: string;
  /** The directive being defined, which must not use itself. */
  readonly current?: DirectiveDefinition | undefined;
  /** Whether all stand in one place of the document; a type's come from its extensions too. */
  readonly isOneLocation: boolean;
}

export function checkDirectives(directives: readonly Directive[], place: DirectivePlace): void {
  const seen = new Set<string>();
  for (const directive of directives) {
    checkDirective(directive, place, seen);
    seen.add(directive.name);
  }
}

function checkDirective(directive: Directive, place: DirectivePlace, seen: ReadonlySet<string>): void {
  const { name, position } = directive;
  checkName(name, position);
  if (name === place.current?.name) refuseGraphql(`Directive ${name} cannot refer to itself.`, position);
  const definition = place.draft.directives.get(name);
  if (definition === undefined) return refuseGraphql(`Undefined directive ${name}.`, position);
  if (place.isOneLocation && seen.has(name) && !definition.isRepeatable) {
    refuseGraphql(`The directive ${name} can only be used once at this location.`, position);
  }
  if (!definition.locations.includes(place.location)) {
    refuseGraphql(`Directive ${name} is not applicable on ${place.location}.`, position);
  }
  for (const argument of directive.arguments) {
    if (byName(definition.arguments, argument.name) === undefined) {
      refuseGraphql(`Undefined argument ${argument.name} for directive ${name}.`, argument.position);
    }
  }
  for (const { name: wanted, type, defaultValue } of definition.arguments) {
    if (!type.nonNull || defaultValue !== undefined) continue;
    const argument = byName(directive.arguments, wanted);
    if (argument === undefined || argument.value.kind === VALUE_KIND.null) {
      refuseGraphql(`Argument ${wanted} for directive ${name} cannot be null.`, position);
    }
  }
}

export function checkDirectiveDefinition(definition: DirectiveDefinition, draft: Draft): void {
  checkName(definition.name, definition.position);
  checkArguments(definition.arguments, draft, definition);
}

export function checkArguments(args: readonly ArgumentDefinition[], draft: Draft, current?: DirectiveDefinition): void {
  for (const { name, type, directives, position } of args) {
    checkName(name, position);
    checkType(type, draft);
    const definition = draft.types.get(typeName(type));
    if (definition !== undefined && !isInput(definition)) {
      const because = `because ${definition.kind} is not a valid input type`;
      refuseGraphql(`cannot use ${typeText(type)} as argument ${name} ${because}`, position);
    }
    checkDirectives(directives, { draft, location: "ARGUMENT_DEFINITION", current, isOneLocation: true });
  }
}

export function checkName(name: string, position: Position | undefined): void {
  if (!name.startsWith("__")) return;
  refuseGraphql(`Name "${name}" must not begin with "__", which is reserved by GraphQL introspection.`, position);
}

export function checkType(type: Type, draft: Draft): void {
  if (!draft.types.has(typeName(type))) refuseGraphql(`Undefined type ${typeName(type)}.`, type.position);
}
