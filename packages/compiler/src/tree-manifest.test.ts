import { describe, expect, it } from "vitest";
import { readPackManifest, readTreeManifest } from "./tree-manifest.ts";

const minimal = { revision: 1 };
const modifiable = { subjects: "a.*", pointers: ["/b"], headers: [], topics: [] };

describe("readTreeManifest", () => {
  it("grants by allow only, unless it says otherwise", () => {
    expect(readTreeManifest("bundle.json", minimal)).toEqual({
      revision: 1,
      require_allow: true,
      modifiable: [],
      payloads: [],
      records: [],
      strict_order: [],
    });
    expect(readTreeManifest("bundle.json", { ...minimal, require_allow: false }).require_allow).toBe(false);
  });

  it("reads the validity window as nanoseconds", () => {
    const validity = { not_before: "2026-01-01T00:00:00Z", not_after: "2026-01-01T00:00:00.500Z" };
    expect(readTreeManifest("bundle.json", { ...minimal, validity })).toMatchObject({
      not_before_ns: "1767225600000000000",
      not_after_ns: "1767225600500000000",
    });
  });

  it("reads payload, record and modifiable rules", () => {
    const manifest = {
      ...minimal,
      modifiable: [modifiable],
      payloads: [{ subjects: "job.>", format: "protobuf", type: "a.B" }],
      records: [{ subjects: ">", durability: "buffered" }],
      strict_order: ["x.>"],
      packs: ["a"],
    };
    expect(readTreeManifest("bundle.json", manifest)).toEqual({ ...manifest, require_allow: true });
  });

  it.each([
    ["no revision", {}, "`revision` must be a whole number from 1"],
    ["revision 0", { revision: 0 }, "`revision` must be a whole number from 1"],
    ["a revision in a text", { revision: "1" }, "`revision` must be a whole number from 1"],
    ["an unknown field", { ...minimal, require_alow: true }, "unknown field `require_alow`"],
    ["an array", [], "must be a JSON object"],
    ["a flag in a text", { ...minimal, require_allow: "yes" }, "`require_allow` must be true or false"],
    ["packs in a text", { ...minimal, packs: "demo" }, "`packs` must be a list"],
    ["a pack that is a number", { ...minimal, packs: [7] }, "`packs` must be a list of texts"],
    ["a wrong pattern", { ...minimal, strict_order: ["a..b"] }, "`strict_order`: `a..b` is no subject pattern"],
    ["a star in a token", { ...minimal, strict_order: ["a.b*"] }, "is no subject pattern"],
    ["a rest that isn't last", { ...minimal, strict_order: ["a.>.b"] }, "is no subject pattern"],
    ["a pointer to all", { ...minimal, modifiable: [{ ...modifiable, pointers: [""] }] }, "modifiable[0]: `pointers`"],
    [
      "a pointer with a wrong escape",
      { ...minimal, modifiable: [{ ...modifiable, pointers: ["/a~2"] }] },
      "no JSON pointer",
    ],
    ["a header in capitals", { ...minimal, modifiable: [{ ...modifiable, headers: ["X-A"] }] }, "must be lower-case"],
    [
      "protobuf without a type",
      { ...minimal, payloads: [{ subjects: ">", format: "protobuf" }] },
      "payloads[0]: `type`",
    ],
    [
      "JSON with a type",
      { ...minimal, payloads: [{ subjects: ">", format: "json", type: "a.B" }] },
      "`type` belongs to",
    ],
    [
      "an unknown format",
      { ...minimal, payloads: [{ subjects: ">", format: "xml" }] },
      "`format` must be one of auto, json",
    ],
    ["records that aren't kept", { ...minimal, records: [{ subjects: ">", durability: "none" }] }, "durable, buffered"],
    ["a local time", { ...minimal, validity: { not_before: "2026-01-01T00:00:00" } }, "is no UTC time"],
    ["a day that isn't", { ...minimal, validity: { not_before: "2026-13-01T00:00:00Z" } }, "is no UTC time"],
    [
      "a window that ends before it begins",
      { ...minimal, validity: { not_before: "2026-01-02T00:00:00Z", not_after: "2026-01-01T00:00:00Z" } },
      "must be later",
    ],
  ])("refuses %s in one line", (_, value, message) => {
    expect(() => readTreeManifest("bundle.json", value)).toThrow(
      expect.objectContaining({ code: "compiler.manifest", message: expect.stringContaining(message) }),
    );
    expect(() => readTreeManifest("bundle.json", value)).toThrow(/^bundle\.json[^\n]+$/);
  });
});

describe("readPackManifest", () => {
  const pack = { name: "demo", version: "0.1.0", title: "Demo" };

  it("takes Rego v1 unless the pack says v0", () => {
    expect(readPackManifest("demo/pack.json", pack).rego_version).toBe(1);
    expect(readPackManifest("demo/pack.json", { ...pack, rego_version: 0 }).rego_version).toBe(0);
  });

  it.each([
    ["no name", { ...pack, name: "" }, "`name` must be a text"],
    ["a version of two parts", { ...pack, version: "0.1" }, "`version` must be"],
    ["Rego v2", { ...pack, rego_version: 2 }, "`rego_version` must be 0 or 1"],
    ["an unknown field", { ...pack, auhtor: "x" }, "unknown field `auhtor`"],
  ])("refuses %s", (_, value, message) => {
    expect(() => readPackManifest("demo/pack.json", value)).toThrow(`demo/pack.json: ${message}`);
  });
});
