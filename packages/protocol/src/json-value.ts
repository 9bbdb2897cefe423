/** Anything JSON can say, as plain immutable data. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. Keys from outside may be hostile (`__proto__`): made with a null prototype or `Object.fromEntries`. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
