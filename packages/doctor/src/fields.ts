/** An object of somebody else's JSON, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is an object; an empty one otherwise. */
export function fieldsOf(value: Fields, name: string): Fields {
  const member = value[name];
  return isFields(member) ? member : {};
}

/** The objects of a member that is an array. */
export function listOf(value: Fields, name: string): readonly Fields[] {
  const member = value[name];
  return Array.isArray(member) ? member.filter(isFields) : [];
}

/** A member that is a number; 0 otherwise. */
export function numberOf(value: Fields, name: string): number {
  const member = value[name];
  return typeof member === "number" ? member : 0;
}

/** A member that is a text; an empty one otherwise. */
export function textOf(value: Fields, name: string): string {
  const member = value[name];
  return typeof member === "string" ? member : "";
}
