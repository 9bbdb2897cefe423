import { REFUSED_BUILTINS } from "@cortexos/engine";
import type { Diagnostic } from "./diagnostic.ts";
import { integerOr, itemsOf, memberAt, textOr } from "./json-access.ts";

/** Reads what OPA wrote about wrong Rego: JSON with `errors`, or lines of text. */
export function readOpaErrors(text: string): readonly Diagnostic[] {
  const errors = itemsOf(memberAt(parseJson(text), "errors"));
  return errors.length > 0 ? errors.map(fromJson) : fromLines(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromJson(error: unknown): Diagnostic {
  const code = textOr(memberAt(error, "code"), "opa");
  return {
    file: textOr(memberAt(error, "location", "file"), "."),
    // OPA counts from 1, but says 0 where the text ended.
    row: Math.max(1, integerOr(memberAt(error, "location", "row"), 1)),
    col: Math.max(1, integerOr(memberAt(error, "location", "col"), 1)),
    code,
    message: explain(code, oneLine(textOr(memberAt(error, "message"), "unknown error"))) + knownNames(error),
  };
}

/** The fields that there are, where one that isn't was named. */
function knownNames(error: unknown): string {
  const names = itemsOf(memberAt(error, "details", "oneOf")).filter((name) => typeof name === "string");
  return names.length === 0 || names.length > NAMES_MAX ? "" : `; there are ${names.join(", ")}`;
}

const NAMES_MAX = 20;

const LINE = /^(?<file>[^\s:][^:]*):(?<row>\d+)(?::(?<col>\d+))?: (?:(?<code>rego_\w+): )?(?<message>.+)$/;

function fromLines(text: string): readonly Diagnostic[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const placed = lines.flatMap((line) => {
    const groups = LINE.exec(line.replace(/^(?:error|1 error occurred): /, ""))?.groups;
    if (groups === undefined) return [];
    const { file = ".", row = "1", col = "1", code = "opa", message = "" } = groups;
    return [{ file, row: Number(row), col: Number(col), code, message: explain(code, oneLine(message)) }];
  });
  if (placed.length > 0 || lines.length === 0) return placed;
  return [{ file: ".", row: 1, col: 1, code: "opa", message: oneLine(lines.join(" ")) }];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Says more where OPA's words alone don't tell what to do. */
function explain(code: string, message: string): string {
  const builtin = /^undefined function ([\w.]+)$/.exec(message)?.[1];
  if (code === "rego_type_error" && builtin !== undefined && REFUSED_BUILTINS.has(builtin)) {
    return `\`${builtin}\` can answer differently each time, so no decision could be computed again; put facts into the input or the data`;
  }
  return message;
}
