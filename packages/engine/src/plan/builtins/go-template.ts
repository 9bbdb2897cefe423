import type { BuiltinContext } from "../run/builtin.ts";
import type { Value } from "../values/value.ts";
import { fails } from "./operands.ts";

export function renderTemplate(_context: BuiltinContext, _template: Value, _values: Value): string {
  return fails("not yet");
}
