import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Input } from "@cortexos/protocol";
import {
  createPolicy,
  createPolicyHolder,
  digestBundle,
  ENGINE,
  EngineError,
  openBundle,
  signBundle,
  writeBundle,
  type BundleFiles,
  type OpenOptions,
} from "../src/index.ts";
import { compileFiles, ECHO_REGO, withPolicy } from "./opa.ts";

const pair = generateKeyPairSync("ed25519");
const signing = {
  keyId: "k",
  algorithm: "EdDSA",
  privateKeyPem: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
} as const;
const trustedKeys = [
  { keyId: "k", algorithm: "EdDSA", publicKeyPem: pair.publicKey.export({ type: "spki", format: "pem" }).toString() },
] as const;

let files: BundleFiles;
beforeAll(() => {
  files = compileFiles({ rego: ECHO_REGO });
});

function revision(number: number, changes: Readonly<Record<string, unknown>> = {}): BundleFiles {
  return withPolicy(files, { revision: number, ...changes });
}

function refusal(bundle: BundleFiles, options: OpenOptions = { unsigned: "accept", nowNs: 100n }): string {
  try {
    openBundle(writeBundle(bundle), options);
    return "accepted";
  } catch (reason) {
    if (reason instanceof EngineError) return reason.code;
    throw reason;
  }
}

describe("openBundle", () => {
  it("opens a signed bundle with its key, and names the key", () => {
    const bundle = openBundle(writeBundle(signBundle(files, signing)), { trustedKeys, nowNs: 0n });
    expect(bundle.signedBy).toBe("k");
    expect(bundle.digest).toBe(digestBundle(files));
  });

  it("refuses an unsigned bundle when keys are configured, even none", () => {
    expect(refusal(files, { trustedKeys, nowNs: 0n })).toBe("bundle.signature");
    expect(refusal(files, { trustedKeys: [], nowNs: 0n })).toBe("bundle.signature");
  });

  it("refuses a signed bundle when no keys are configured", () => {
    expect(refusal(signBundle(files, signing))).toBe("bundle.signature");
  });

  it("refuses any bundle when nothing is configured, as from JavaScript", () => {
    const nothing = { nowNs: 0n } as OpenOptions;
    expect(refusal(files, nothing)).toBe("bundle.signature");
    expect(refusal(signBundle(files, signing), nothing)).toBe("bundle.signature");
  });

  it("refuses an older revision", () => {
    expect(refusal(revision(4), { unsigned: "accept", nowNs: 0n, revisionMin: 5 })).toBe("bundle.revision");
    expect(refusal(revision(5), { unsigned: "accept", nowNs: 0n, revisionMin: 5 })).toBe("accepted");
  });

  it.each([
    [{ not_before_ns: "101" }, "bundle.validity"],
    [{ not_before_ns: "100" }, "accepted"],
    [{ not_after_ns: "99" }, "bundle.validity"],
    [{ not_after_ns: "100" }, "accepted"],
  ])("judges %j at 100 ns as %s", (validity, verdict) => {
    expect(refusal(revision(1, validity))).toBe(verdict);
  });

  it("refuses an entrypoint that isn't compiled in", () => {
    expect(refusal(revision(1, { entrypoint: "cortexos/main/deny" }))).toBe("bundle.entrypoint");
    const manifest = JSON.parse(Buffer.from(files.get(".manifest") ?? []).toString()) as object;
    const unresolved = Buffer.from(JSON.stringify({ ...manifest, wasm: [] }));
    expect(refusal(new Map([...files, [".manifest", unresolved]]))).toBe("bundle.entrypoint");
  });

  it.each([
    ["no WebAssembly", Buffer.from("wasm")],
    ["an empty module", Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
    // (import "env" "spawn" (func))
    [
      "a module that imports something else",
      Buffer.from("0061736d010000000104016000000 20d0103656e7605737061776e0000".replace(" ", ""), "hex"),
    ],
  ])("refuses %s", (_, wasm) => {
    expect(refusal(new Map([...files, ["policy.wasm", wasm]]))).toBe("bundle.abi");
  });

  it("refuses another version of the ABI", () => {
    const wasm = Buffer.from(files.get("policy.wasm") ?? []);
    // Globals are i32.const 1 (version) and i32.const 3 (minor version), in this order.
    const at = wasm.indexOf(Buffer.from([0x7f, 0x00, 0x41, 0x01, 0x0b, 0x7f, 0x00, 0x41, 0x03, 0x0b]));
    expect(at).toBeGreaterThan(0);
    const other = (index: number, value: number): Uint8Array => {
      const copy = Buffer.from(wasm);
      copy[at + index] = value;
      return copy;
    };
    expect(refusal(new Map([...files, ["policy.wasm", other(3, 2)]]))).toBe("bundle.abi");
    expect(refusal(new Map([...files, ["policy.wasm", other(8, 1)]]))).toBe("bundle.abi");
    expect(refusal(new Map([...files, ["policy.wasm", other(8, 2)]]))).toBe("accepted");
  });
});

describe("createPolicy", () => {
  it("gives what the kernel needs to know", () => {
    const policy = createPolicy(openBundle(writeBundle(files), { unsigned: "accept", nowNs: 0n }));
    expect(policy.digest).toBe(digestBundle(files));
    expect(policy.engine).toBe(ENGINE);
    expect(policy.reads).toEqual([""]);
    expect(policy.manifest.entrypoint).toBe("cortexos/main/findings");
  });
});

describe("createPolicyHolder", () => {
  const input = { deny: ["no"] } as unknown as Input;
  const trust = { unsigned: "accept" } as const;

  it("has no policy before the first good bundle", () => {
    const holder = createPolicyHolder({ trust, nowNs: () => 0n });
    expect(holder.current()).toBeUndefined();
    expect(holder.offer(Buffer.from("rubbish"))).toMatchObject({ accepted: false, code: "bundle.archive" });
    expect(holder.current()).toBeUndefined();
  });

  it("takes a good bundle and keeps it when a bad, older or expired one is offered", () => {
    const holder = createPolicyHolder({ trust, nowNs: () => 100n });
    const offer = holder.offer(writeBundle(revision(3)));
    expect(offer).toEqual({ accepted: true, digest: digestBundle(revision(3)), revision: 3 });
    const policy = holder.current();
    expect(policy?.evaluate(input)).toMatchObject({ ok: true, findings: [{ effect: "deny", reason: "no" }] });
    const bad = [
      [Buffer.from("rubbish"), "bundle.archive"],
      [writeBundle(revision(2)), "bundle.revision"],
      [writeBundle(revision(4, { not_after_ns: "99" })), "bundle.validity"],
      [writeBundle(revision(4, { builtins: ["http.send"] })), "bundle.builtin"],
      [writeBundle(signBundle(revision(4), signing)), "bundle.signature"],
    ] as const;
    for (const [bytes, code] of bad) expect(holder.offer(bytes)).toMatchObject({ accepted: false, code });
    expect(holder.current()).toBe(policy);
    expect(holder.offer(writeBundle(revision(4)))).toMatchObject({ accepted: true, revision: 4 });
    expect(holder.current()).not.toBe(policy);
  });

  it("starts from the revision it is told to remember", () => {
    const holder = createPolicyHolder({ trust, nowNs: () => 0n, revisionMin: 7 });
    expect(holder.offer(writeBundle(revision(6)))).toMatchObject({ accepted: false, code: "bundle.revision" });
  });

  it("goes on with the policy it has when that one's validity ends", () => {
    let nowNs = 100n;
    const holder = createPolicyHolder({ trust, nowNs: () => nowNs });
    holder.offer(writeBundle(revision(1, { not_after_ns: "100" })));
    nowNs = 101n;
    expect(holder.current()?.evaluate(input)).toMatchObject({ ok: true });
  });

  it("doesn't throw when the clock does", () => {
    const holder = createPolicyHolder({
      trust,
      nowNs: () => {
        throw new Error("no clock");
      },
    });
    expect(holder.offer(writeBundle(files))).toMatchObject({ accepted: false });
  });

  it("lets a decision that began go on with the policy it began with", () => {
    const holder = createPolicyHolder({ trust, nowNs: () => 0n });
    holder.offer(writeBundle(revision(1)));
    const began = holder.current();
    for (let i = 2; i < 20; i++) {
      holder.offer(writeBundle(revision(i)));
      expect(began?.evaluate(input)).toMatchObject({ ok: true });
      expect(holder.current()?.digest).toBe(digestBundle(revision(i)));
    }
    expect(began?.digest).toBe(digestBundle(revision(1)));
  });
});
