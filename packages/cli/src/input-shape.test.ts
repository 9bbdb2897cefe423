import { readFileSync } from "node:fs";
import type { Input, JsonValue } from "@cortexos/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputFault, isInput, isRecord, recordFault } from "./input-shape.ts";

const input = {
  principal: { id: "a", kind: "agent", roles: ["AGENT"], tenant: "acme", authenticated_by: "config" },
  job_meta: {
    job_id: "",
    topic: "",
    tenant: "acme",
    environment: "dev",
    priority: 0,
    sla_ms: 0,
    risk_tags: [],
    labels: {},
  },
  message: {
    subject: "a.b",
    tokens: ["a", "b"],
    reply: "",
    headers: { x: ["1"] },
    size_bytes: 2,
    format: "json",
    payload: null,
    payload_sha256: "",
    effects: [{ kind: "reply", subject: "_INBOX.a" }],
  },
  action: { tool: "t", args: {} },
  cost_estimate: { tokens_in: 0, tokens_out: 0, usd_micros: 0, wall_ms: 0 },
  budget_state: { s: { limit: 1, committed: 0, reserved: 0, remaining: 1 } },
  context: { session: { id: "s", declared: {} }, labels: [], hop_count: 0, source: "sidecar" },
  now_ns: "1",
} as const satisfies Input;

describe("inputFault", () => {
  it("takes an input", () => {
    expect(inputFault(input)).toBeUndefined();
    expect(isInput(input)).toBe(true);
  });

  it("knows every field that the schema requires", () => {
    const schema = JSON.parse(readFileSync(new URL("../../../policies/schemas/input.json", import.meta.url), "utf8"));
    for (const [part, { required = [] }] of Object.entries<{ readonly required?: readonly string[] }>(
      schema.properties,
    )) {
      const gone = inputFault(without(input, [part])) ?? "";
      expect(gone).toContain(part === "action" ? "" : `${part}: must be`);
      for (const name of required) {
        expect(inputFault(without(input, [part, name]))).toContain(`${part}.${name}: must be`);
      }
    }
  });

  it.each([
    ["a list", [], "the file: must be an object"],
    [
      "a role that is a number",
      { ...input, principal: { ...input.principal, roles: [7] } },
      "principal.roles[0]: must be a text",
    ],
    [
      "a header that is a text",
      { ...input, message: { ...input.message, headers: { x: "1" } } },
      "message.headers.x: must be a list",
    ],
    [
      "half a number",
      { ...input, message: { ...input.message, size_bytes: 1.5 } },
      "message.size_bytes: must be a whole number",
    ],
    ["a clock that isn't one", { ...input, now_ns: "yesterday" }, "now_ns: must be nanoseconds since 1970 in a text"],
    ["args that are a list", { ...input, action: { tool: "t", args: [] } }, "action.args: must be an object"],
  ])("says where %s is wrong", (_, value: JsonValue, fault) => {
    expect(inputFault(value)).toBe(fault);
  });

  it("never throws", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: JsonValue = JSON.parse(text);
        expect([typeof inputFault(value), typeof recordFault(value)]).toEqual(["string", "string"]);
      }),
    );
  });
});

describe("recordFault", () => {
  it("looks into records of decisions alone", () => {
    expect(isRecord({ schema: "cortexos.record/1", type: "lifecycle" })).toBe(true);
    expect(recordFault({ schema: "cortexos.record/1", type: "decision" })).toBe("decision: must be an object");
    expect(recordFault({ schema: "cortexos.record/2", type: "decision" })).toBe("schema: must be `cortexos.record/1`");
  });
});

function without(value: JsonValue, [name = "", ...rest]: readonly string[]): JsonValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).flatMap(([key, member]): readonly (readonly [string, JsonValue])[] => {
    if (key !== name) return [[key, member]];
    return rest.length === 0 ? [] : [[key, without(member, rest)]];
  });
  return Object.fromEntries(entries);
}
