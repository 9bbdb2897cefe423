import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDoctorError } from "./doctor-error.ts";
import { parseNatsConfig, type ConfigMap, type ConfigValue } from "./nats-config.ts";

const FILES: Readonly<Record<string, string>> = {
  "users.conf": "users = [ {user: a} ]",
  "loop.conf": "include loop.conf",
};

function parse(text: string): ConfigMap {
  return parseNatsConfig(
    { file: "x.conf", text },
    {
      include: (path) => ({ file: path, text: FILES[path] ?? "" }),
      variable: (name) => (name === "HOME_PORT" ? "4222" : undefined),
    },
  );
}

function plain(value: ConfigValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe("parseNatsConfig", () => {
  it.each([
    ["a: 1\nB = two\nc three", { a: "1", b: "two", c: "three" }],
    ["a: {b: [1, 2\n3], c {d: e}}", { a: { b: ["1", "2", "3"], c: { d: "e" } } }],
    ["# no\na: b # no\n// no\nc: d", { a: "b", c: "d" }],
    [`a: "x # \\"y\\" \\x41", b: 'z"'`, { a: 'x # "y" A', b: 'z"' }],
    ["a: (\nraw { text }\n)\nb: 1", { a: "\nraw { text }", b: "1" }],
    ["authorization { include users.conf }", { authorization: { users: [{ user: "a" }] } }],
    ["p: 1\nq: {r: $p}\ns: $HOME_PORT", { p: "1", q: { r: "1" }, s: "4222" }],
    ["a: '$p'\npassword: $2a$11$x", { a: "$p", password: "$2a$11$x" }],
    [
      'jetstream { store_dir: "/d", sync_interval: always };',
      { jetstream: { store_dir: "/d", sync_interval: "always" } },
    ],
    [
      "a: http://127.0.0.1:8222\nurls: [nats://h:1, nats://h:2]",
      { a: "http://127.0.0.1:8222", urls: ["nats://h:1", "nats://h:2"] },
    ],
  ])("reads %j", (text, expected) => {
    expect(plain(parse(text))).toEqual(expected);
  });

  it.each([
    ["a: {", "x.conf:1: a map isn't closed"],
    ["\n\na: [1", "x.conf:3: an array isn't closed"],
    ['a: "b', "x.conf:1: a text isn't closed"],
    ["a:", "x.conf:1: a value is missing"],
    ["= 1", "x.conf:1: a name is missing"],
    ["a: $NOWHERE", "x.conf:1: variable $NOWHERE is not set"],
    ["include loop.conf", "loop.conf:1: nested too deep"],
    ["a: [".repeat(40), "x.conf:1: nested too deep"],
  ])("refuses %j, and says where", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("gives back any maps, arrays and texts that were written", () => {
    const { value: anyValue } = fc.letrec<{ value: ConfigValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: "grapheme" }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc
          .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,8}$/), tie("value")), {
            selector: ([name]) => name,
            maxLength: 3,
          })
          .map((members) => new Map(members.filter(([name]) => name !== "include"))),
      ),
    }));
    const write = (value: ConfigValue): string => {
      if (typeof value === "string")
        return JSON.stringify(value)
          .replaceAll(/\\u00([0-9a-f]{2})/g, String.raw`\x$1`)
          .replaceAll(String.raw`\b`, String.raw`\x08`)
          .replaceAll(String.raw`\f`, String.raw`\x0c`);
      if (value instanceof Map)
        return `{${[...value].map(([name, member]) => `${name}: ${write(member)}`).join("; ")}}`;
      return `[${[...value].map((item) => write(item as ConfigValue)).join(", ")}]`;
    };
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(plain(parse(`top ${write(value)}`).get("top") ?? "")).toEqual(plain(value));
      }),
    );
  });

  it("fails with an error of its own, whatever the text is", () => {
    const text = fc.array(
      fc.constantFrom("a", "{", "}", "[", "]", ":", '"', "'", "(", "\n", "$", "#", "include ", " ", ","),
    );
    fc.assert(
      fc.property(text, (parts) => {
        let thrown: unknown;
        try {
          parse(parts.join(""));
        } catch (reason) {
          thrown = reason;
        }
        expect(thrown === undefined || isDoctorError(thrown)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
