import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { createLeafReader, type LeafPath } from "./json-leaves.ts";
import { decodeJson } from "./json-text.ts";
import type { JsonValue } from "./json-value.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const PATHS: readonly LeafPath[] = [
  { path: ["tool"] },
  { path: ["args", "a"] },
  { path: ["args", "b", "c"] },
  { path: ["args"], kindOnly: true },
];
const read = createLeafReader(PATHS);

/** What a policy sees at a path: the value, or what stands in its way. */
function seen(value: JsonValue, { kindOnly = false, path }: LeafPath): string {
  let current: JsonValue | undefined = value;
  let depth = 0;
  while (depth < path.length && typeof current === "object" && current !== null && !Array.isArray(current)) {
    const object: Readonly<Record<string, JsonValue>> = Object(current);
    const name = path[depth] ?? "";
    if (!Object.hasOwn(object, name)) return "missing";
    current = object[name];
    depth++;
  }
  if (current === undefined) return "missing";
  return `${depth} ${kindOnly && depth === path.length ? typeof current : canonicalJson(current)}`;
}

const leaf = fc.oneof(
  fc.constantFrom<JsonValue>(0, 1, 10, -1, 1.5, "", "0", "1", "a", true, false, null, [], {}),
  fc.double(),
  fc.string(),
);
const value = fc.letrec<{ any: JsonValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("tool", "args", "a", "b", "c", "x"), tie("any"), { maxKeys: 4 }),
  ),
})).any;
const text = fc
  .tuple(value, fc.constantFrom(undefined, 1, "\t"))
  .map(([one, space]) => JSON.stringify(one, undefined, space))
  .filter((one) => one !== undefined);

describe("createLeafReader", () => {
  it("answers alike only for texts whose values are alike at every path", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 12 }), (texts) => {
        const known = new Map<string, readonly string[]>();
        for (const one of texts) {
          const leaves = read(bytesOf(one), "p|");
          const decoded = decodeJson(bytesOf(one));
          if (leaves === undefined || !decoded.ok) continue;
          const now = PATHS.map((path) => seen(decoded.value, path));
          expect(leaves.startsWith("p|")).toBe(true);
          expect(known.get(leaves) ?? now).toEqual(now);
          known.set(leaves, now);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds nothing plain that decodeJson refuses", () => {
    const parts = fc.array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"a"',
        '"b"',
        '"',
        "0",
        "1",
        "-",
        ".",
        "e",
        "true",
        "null",
        " ",
        "\\",
        "\n",
        "é",
        "\u0001",
      ),
      { maxLength: 14 },
    );
    const broken = fc
      .tuple(text, fc.nat(), fc.constantFrom("", "0", ",", '"', "}", '"tool":1,'))
      .map(([one, at, patch]) => {
        const i = at % (one.length + 1);
        return one.slice(0, i) + patch + one.slice(i + (at % 2));
      });
    fc.assert(
      fc.property(
        fc.oneof(
          parts.map((some) => some.join("")),
          broken,
        ),
        (one) => {
          expect(read(bytesOf(one), "") === undefined || decodeJson(bytesOf(one)).ok).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['{"tool":"x","args":{"a":1}}', true],
    [' { "tool" : "x" , "n" : [ 1 , -2.5 , { } , [ ] , null ] } ', true],
    ["12", true],
    ['{"tool":"\\u0061"}', false],
    ['{"tool":"é"}', false],
    ['{"n":1e3}', false],
    ['{"n":1234567890123456}', false],
    ['{"x":1,"x":1}', false],
    ['{"o":{"x":1},"x":2}', true],
    ["[".repeat(16) + "]".repeat(16), true],
    ["[".repeat(17) + "]".repeat(17), false],
    ["", false],
    ["{} {}", false],
    ['{"n":01}', false],
    ['{"n":-}', false],
    ['{"n":1.}', false],
    ['{"n":tru}', false],
    ['{"a":"\n"}', false],
  ])("takes %j for plain: %s", (one, isPlain) => {
    expect(read(bytesOf(one), "") !== undefined).toBe(isPlain);
  });

  it("answers for what is at hand as it should, and leaves the long ones to others", () => {
    expect(read(bytesOf('{"args":{"b":{"c":[1, 2]},"a":-0},"tool":"send"}'), "7|")).toBe(
      '7|B"send"\u0001C-0\u0001D[1, 2]\u0001B{\u0001',
    );
    expect(read(bytesOf('{"args":[],"tool":1}'), "")).toBe("B1\u0001B[]\u0001B[]\u0001B[\u0001");
    expect(read(bytesOf(JSON.stringify({ tool: "x".repeat(600) })), "")).toBeUndefined();
    expect(read(bytesOf(JSON.stringify({ other: "x".repeat(600) })), "")).toBeDefined();
  });
});
