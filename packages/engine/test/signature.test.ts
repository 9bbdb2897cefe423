import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  readArchive,
  readBundle,
  signBundle,
  verifyBundle,
  writeBundle,
  type BundleFiles,
  type SignatureAlgorithm,
  type SigningKey,
  type TrustedKey,
} from "../src/index.ts";
import { compileFiles, ENTRYPOINT, inFolder, opa, withPolicy, writeFiles } from "./opa.ts";

const REGO = `package cortexos.main

findings := {e: set() | some e in ["deny", "require_human", "throttle", "modify", "allow"]}
`;

/** Data in which every rule of OPA's structured hash matters: key order by code point, number texts, escapes. */
const AWKWARD_DATA = `{"x": {"b": 1.50, "a": 1e3, "\\uffff": -0, "\\ud83d\\ude00": 0.1,
  "s": "<&>\\u2028\\u2029\\u0007\\b\\f\\n\\u007fé\\"\\\\", "l": [true, null, [], {}]}}`;

let files: BundleFiles;
beforeAll(() => {
  const compiled = compileFiles({ rego: REGO, data: { x: {} } });
  files = new Map([...compiled, ["data.json", Buffer.from(AWKWARD_DATA)]]);
});

function makeKeys(algorithm: SignatureAlgorithm): { readonly signing: SigningKey; readonly trusted: TrustedKey } {
  const pair = {
    ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    EdDSA: () => generateKeyPairSync("ed25519"),
  }[algorithm]();
  const privateKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  return {
    signing: { keyId: "default", algorithm, privateKeyPem },
    trusted: { keyId: "default", algorithm, publicKeyPem },
  };
}

/** Whether OPA itself loads a bundle that this key should have signed. */
function opaVerifies(bundle: Uint8Array, key: TrustedKey): string {
  return inFolder((folder) => {
    writeFiles(folder, { "bundle.tar.gz": bundle, "key.pem": key.publicKeyPem });
    const flags = ["--verification-key", "key.pem", "--signing-alg", key.algorithm, "--scope", key.scope ?? ""];
    try {
      opa(folder, "build", "-b", "bundle.tar.gz", "-o", "out.tar.gz", ...flags);
      return "verified";
    } catch (reason) {
      return reason instanceof Error ? reason.message : "unknown";
    }
  });
}

describe.each(["ES256", "RS256", "EdDSA"] as const)("%s", (algorithm) => {
  const { signing, trusted } = makeKeys(algorithm);

  it("signs what OPA verifies", () => {
    expect(opaVerifies(writeBundle(signBundle(files, signing)), trusted)).toBe("verified");
  });

  it("signs for a scope that OPA verifies", () => {
    const bundle = writeBundle(signBundle(files, { ...signing, scope: "prod" }));
    expect(opaVerifies(bundle, { ...trusted, scope: "prod" })).toBe("verified");
    expect(opaVerifies(bundle, trusted)).toMatch(/scope mismatch/);
  });

  it("signs so that OPA refuses a changed file and another key", () => {
    const signed = signBundle(files, signing);
    const changed = new Map([...signed, ["data.json", Buffer.from('{"x":{}}')]]);
    expect(opaVerifies(writeBundle(changed), trusted)).toMatch(/digest mismatch/);
    expect(opaVerifies(writeBundle(signed), makeKeys(algorithm).trusted)).toMatch(/failed to verify/);
  });

  it("verifies what `opa sign` signed, with the key named in the claims", () => {
    inFolder((folder) => {
      const unpacked = Object.fromEntries([...files].map(([path, content]) => [join("b", path), content]));
      writeFiles(folder, { ...unpacked, "key.pem": signing.privateKeyPem, "claims.json": '{"keyid":"default"}' });
      const flags = ["--signing-key", "../key.pem", "--signing-alg", algorithm, "--claims-file", "../claims.json"];
      opa(join(folder, "b"), "sign", "-b", ".", ...flags);
      const signatures = readFileSync(join(folder, "b", ".signatures.json"));
      const signed = new Map([...files, [".signatures.json", signatures]]);
      expect(verifyBundle(signed, [trusted])).toBe("default");
    });
  });

  it("verifies what `opa build` signed", () => {
    inFolder((folder) => {
      const manifest = JSON.stringify({ revision: "1", roots: ["cortexos", "x"], metadata: { f: 1.5 } });
      writeFiles(join(folder, "src"), { "main.rego": REGO, "data.json": AWKWARD_DATA, ".manifest": manifest });
      writeFiles(folder, { "key.pem": signing.privateKeyPem });
      const flags = ["--signing-key", "key.pem", "--signing-alg", algorithm];
      opa(folder, "build", "-t", "wasm", "-e", ENTRYPOINT, "-b", "src", "-o", "out.tar.gz", ...flags);
      expect(verifyBundle(readArchive(readFileSync(join(folder, "out.tar.gz"))), [trusted])).toBe("default");
    });
  });
});

describe("OPA", () => {
  it("reads a bundle that writeBundle wrote", () => {
    inFolder((folder) => {
      writeFileSync(join(folder, "bundle.tar.gz"), writeBundle(files));
      const inspected: unknown = JSON.parse(opa(folder, "inspect", "bundle.tar.gz", "-f", "json"));
      expect(inspected).toMatchObject({
        manifest: { revision: "test", metadata: { cortexos: { revision: 1 } } },
        wasm_modules: [{ path: "/policy.wasm", entrypoints: ["data.cortexos.main.findings"] }],
      });
    });
  });

  it("writes archives that readArchive reads", () => {
    inFolder((folder) => {
      writeFiles(folder, { "in.tar.gz": writeBundle(files) });
      opa(folder, "build", "-t", "plan", "-e", ENTRYPOINT, "-b", "in.tar.gz", "-o", "out.tar.gz");
      const built = readArchive(readFileSync(join(folder, "out.tar.gz")));
      expect([...built.keys()]).toEqual(expect.arrayContaining([".manifest", "data.json", "in.tar.gz/main.rego"]));
    });
  });

  it("takes a changed manifest for another bundle, as the digest does", () => {
    const other = withPolicy(files, { revision: 2 });
    expect(readBundle(writeBundle(other)).digest).not.toBe(readBundle(writeBundle(files)).digest);
  });
});
