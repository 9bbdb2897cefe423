import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeArchive, type BundleFiles } from "./archive.ts";
import { digestBundle, readBundle, writeBundle } from "./bundle.ts";
import { EngineError } from "./errors.ts";

const POLICY = {
  format: 1,
  revision: 7,
  entrypoint: "cortexos/main/findings",
  require_allow: true,
  modifiable: [{ subjects: "work.>", pointers: ["/args/*"], headers: ["x-a"], topics: ["work.*"] }],
  payloads: [
    { subjects: "a.*", format: "json" },
    { subjects: "b", format: "protobuf", type: "cortexos.v1.JobRequest" },
  ],
  records: [{ subjects: ">", durability: "buffered" }],
  strict_order: ["work.>"],
  builtins: ["startswith", "net.cidr_contains", "internal.member_2"],
  not_before_ns: "0",
  not_after_ns: "1700000000000000000",
};

const MANIFEST = {
  revision: "abc",
  roots: ["cortexos", "x/y"],
  wasm: [{ entrypoint: "cortexos/main/findings", module: "/policy.wasm", annotations: [{ title: "t" }] }],
  rego_version: 1,
  file_rego_versions: { "/spec/*.rego": 0 },
  metadata: { cortexos: POLICY, other: { any: "thing" } },
};

function filesWith(changes: Readonly<Record<string, string | undefined>> = {}): BundleFiles {
  const files: Record<string, string | undefined> = {
    ".manifest": JSON.stringify(MANIFEST),
    "policy.wasm": "wasm",
    "data.json": '{"x":{"y":{"z":1}}}',
    "cortexos/a.rego": "package cortexos.a",
    ...changes,
  };
  return new Map(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, Buffer.from(text)] as const])),
  );
}

function refusal(files: BundleFiles): string {
  return refusalOf(() => readBundle(writeArchive(files)));
}

function refusalOf(work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (reason) {
    if (reason instanceof EngineError) return `${reason.code}: ${reason.message}`;
    throw reason;
  }
}

/** The refusal of a manifest with something else at a path of it. */
function refusalWith(path: string, value: unknown): string {
  const manifest = structuredClone(MANIFEST) as Record<string, unknown>;
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let at = manifest;
  for (const step of steps) at = at[step] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return refusal(filesWith({ ".manifest": JSON.stringify(manifest) }));
}

describe("readBundle", () => {
  it("reads the manifest's fields", () => {
    const bundle = readBundle(writeBundle(filesWith()));
    expect(bundle.manifest).toEqual({
      revision: "abc",
      roots: ["cortexos", "x/y"],
      wasmEntrypoints: ["cortexos/main/findings"],
      policy: POLICY,
    });
    expect(bundle.signed).toBe(false);
    expect(bundle.digest).toBe(digestBundle(filesWith()));
  });

  it.each([
    ["revision", 1, "revision: must be a string"],
    ["revision", undefined, "revision: missing"],
    ["roots", undefined, "roots: missing"],
    ["roots", ["a", "a/b"], "roots: must be roots that don't overlap"],
    ["roots", [1], "roots[0]: must be a string"],
    ["wasm", [{ entrypoint: "a", module: "/x.wasm" }], "wasm[0].module: must be /policy.wasm"],
    ["rego_version", 2, "rego_version: must be one of 0, 1"],
    ["file_rego_versions", { a: 3 }, 'file_rego_versions["a"]: must be one of 0, 1'],
    ["extra", 1, "extra: unknown field"],
    ["metadata", undefined, "metadata: missing"],
    ["metadata.cortexos", undefined, "metadata.cortexos: missing"],
    ["metadata.cortexos.extra", 1, "metadata.cortexos.extra: unknown field"],
    ["metadata.cortexos.format", 2, "metadata.cortexos.format: must be one of 1"],
    ["metadata.cortexos.revision", -1, "metadata.cortexos.revision: must be a whole number, 0 or more"],
    ["metadata.cortexos.revision", 1.5, "metadata.cortexos.revision: must be a whole number, 0 or more"],
    ["metadata.cortexos.entrypoint", "../x", "metadata.cortexos.entrypoint: must be a rule's path with slashes"],
    ["metadata.cortexos.require_allow", "yes", "metadata.cortexos.require_allow: must be true or false"],
    ["metadata.cortexos.strict_order", ["a.>.b"], "metadata.cortexos.strict_order[0]: must be a subject pattern"],
    ["metadata.cortexos.strict_order", ["a*"], "metadata.cortexos.strict_order[0]: must be a subject pattern"],
    ["metadata.cortexos.strict_order", ["a..b"], "metadata.cortexos.strict_order[0]: must be a subject pattern"],
    ["metadata.cortexos.builtins", ["Bad"], "metadata.cortexos.builtins[0]: must be a built-in's name"],
    [
      "metadata.cortexos.not_after_ns",
      "-1",
      "metadata.cortexos.not_after_ns: must be nanoseconds since 1970 as a decimal string",
    ],
    ["metadata.cortexos.not_after_ns", "0", "metadata.cortexos.not_after_ns: must be later than not_before_ns"],
    [
      "metadata.cortexos.records.0.durability",
      "none",
      'metadata.cortexos.records[0].durability: must be one of "durable", "buffered"',
    ],
    [
      "metadata.cortexos.payloads.0.type",
      "x",
      "metadata.cortexos.payloads[0].type: must be there with `protobuf`, and only then",
    ],
    ["metadata.cortexos.payloads.1.type", undefined, "metadata.cortexos.payloads[1].type: missing"],
    [
      "metadata.cortexos.modifiable.0.pointers",
      [""],
      "metadata.cortexos.modifiable[0].pointers[0]: must be an RFC 6901 pointer below the payload",
    ],
    [
      "metadata.cortexos.modifiable.0.headers",
      ["X-A"],
      "metadata.cortexos.modifiable[0].headers[0]: must be a lower-case header name",
    ],
    ["metadata.cortexos.modifiable.0.topics", undefined, "metadata.cortexos.modifiable[0].topics: missing"],
  ])("refuses a manifest with %s = %j, naming the field", (path, value, message) => {
    expect(refusalWith(path, value)).toBe(`bundle.manifest: ${message}`);
  });

  it("refuses a manifest that is no strict JSON", () => {
    for (const text of ["", "[]", '{"revision":"a","revision":"b"}', "{} x", '"\\ud800"'])
      expect(refusal(filesWith({ ".manifest": text }))).toMatch(/^bundle\.manifest: /);
  });

  it.each([".manifest", "policy.wasm"])("refuses a bundle without %s", (path) => {
    expect(refusal(filesWith({ [path]: undefined }))).toBe(`bundle.content: ${path}: missing`);
  });

  it.each([
    "a.manifest",
    "x/.manifest",
    ".manifest.pb",
    "plan.pb",
    "data.yaml",
    "data.yml",
    "x/data.json",
    "patch.json",
    "x/policy.wasm",
    "x/plan.json",
    "x/.signatures.json",
    "signatures.json",
    "README.md",
    ".hidden.rego",
    "policy.wasm.bak",
  ])("refuses %s, which OPA reads in another way or not at all", (path) => {
    expect(refusal(filesWith({ [path]: "{}" }))).toBe(`bundle.content: ${path}: no such file belongs in a bundle`);
  });

  it.each(["[]", "null", '{"x":{"y":1,"y":2}}', '{"x":{"y":9007199254740993}}', '{"x":{"y":"\\ud800"}}', "{", ""])(
    "refuses data %j",
    (text) => {
      expect(refusal(filesWith({ "data.json": text }))).toMatch(/^bundle\.content: data\.json: /);
    },
  );

  it("refuses data outside the roots", () => {
    expect(refusal(filesWith({ "data.json": '{"x":{"z":1}}' }))).toBe(
      "bundle.content: data.json: /x/z lies outside the roots",
    );
    expect(refusal(filesWith({ "data.json": '{"x":1}' }))).toBe("bundle.content: data.json: /x lies outside the roots");
    expect(refusal(filesWith({ "data.json": "{}" }))).toBe("accepted");
  });

  it("throws nothing but EngineError for mutated bundles", () => {
    const good = writeBundle(filesWith());
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.nat({ max: 255 }), (value, at, byte) => {
        expect(refusal(filesWith({ ".manifest": JSON.stringify(value) }))).not.toBe("accepted");
        const mutated = Buffer.from(good);
        mutated[at % mutated.length] = byte;
        expect(refusalOf(() => readBundle(mutated))).not.toBe("");
      }),
    );
  });
});

describe("digestBundle", () => {
  it("doesn't depend on order, compression or the signature", () => {
    const files = filesWith();
    expect(digestBundle(new Map([...files].toReversed()))).toBe(digestBundle(files));
    expect(digestBundle(new Map([...files, [".signatures.json", Buffer.from("{}")]]))).toBe(digestBundle(files));
    expect(digestBundle(files)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("depends on every path and every byte", () => {
    const digest = digestBundle(filesWith());
    expect(digestBundle(filesWith({ "policy.wasm": "wasn" }))).not.toBe(digest);
    expect(digestBundle(filesWith({ "cortexos/a.rego": undefined, "cortexos/b.rego": "package cortexos.a" }))).not.toBe(
      digest,
    );
  });

  it("keeps a file's path and content apart", () => {
    const one = new Map([["a", Buffer.from("b")]]);
    const two = new Map([["ab", Buffer.from("")]]);
    expect(digestBundle(one)).not.toBe(digestBundle(two));
  });
});
