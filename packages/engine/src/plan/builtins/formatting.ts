import type { UncheckedBuiltin } from "../run/builtin.ts";
import { numberText } from "../values/number.ts";
import { regoText } from "../values/rego-text.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, type Value } from "../values/value.ts";
import { goSprintf, type FormatArgument } from "./go-format.ts";
import { arrayOperand, fails, stringOperand } from "./operands.ts";
import { renderTemplate } from "./go-template.ts";

/** Texts made of values, and printing, which leaves no trace. */
export const FORMAT_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  sprintf: (_, format: Value, args: Value) => goSprintf(stringOperand(format, 1), arrayOperand(args, 2).map(argument)),
  "internal.template_string": (_, parts: Value) => arrayOperand(parts, 1).map(templatePart).join(""),
  "strings.render_template": (context, template: Value, values: Value) => renderTemplate(context, template, values),
  print: () => true,
  "internal.print": () => true,
  trace: (_, note: Value) => stringOperand(note, 1) !== undefined,
};

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function argument(value: Value): FormatArgument {
  if (typeof value === "string") return { type: "string", value };
  if (!isNumber(value)) return { type: "string", value: regoText(value) };
  const text = numberText(value);
  if (/[.eE]/.test(text)) {
    const double = Number(text);
    return Number.isFinite(double) ? { type: "float64", value: double } : { type: "string", value: text };
  }
  const integer = BigInt(text);
  return { type: integer >= INT64.min && integer <= INT64.max ? "int64" : "*big.Int", value: integer };
}

/** A part is a text, or a set of the one value it has, or none. */
function templatePart(part: Value): string {
  if (!(part instanceof RegoSet)) return typeof part === "string" ? part : regoText(part);
  const [value, another] = part.sorted();
  if (another !== undefined) return fails("template-strings must not produce multiple outputs");
  if (value === undefined) return "<undefined>";
  return typeof value === "string" ? value : regoText(value);
}
