import { quote } from "../../values/rego-text.ts";
import { VALUE_KIND, type GraphqlValue } from "./ast.ts";

/** A value as messages show it. */
export function valueText({ kind, raw, children }: GraphqlValue): string {
  switch (kind) {
    case VALUE_KIND.variable:
      return `$${raw}`;
    case VALUE_KIND.string:
    case VALUE_KIND.blockString:
      return quote(raw);
    case VALUE_KIND.list:
      return `[${children.map(({ value }) => valueText(value)).join(",")}]`;
    case VALUE_KIND.object:
      return `{${children.map(({ name, value }) => `${name}:${valueText(value)}`).join(",")}}`;
    default:
      return raw;
  }
}
