import { buildBundle, generateSigningKeys, openNativeOpa, readPackTree, readSigningKey } from "@cortexos/compiler";
import { createTempDir } from "@cortexos/devkit";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A bundle and what is needed to believe it. */
export interface TestBundle {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly trust: {
    readonly trustedKeys: readonly [
      { readonly keyId: string; readonly algorithm: "EdDSA"; readonly publicKeyPem: string },
    ];
  };
}

/** Decides by the last token of the subject, so that every way of publishing can ask for every outcome. */
export const BY_LAST_TOKEN = `# METADATA
# title: By last token
# description: Gives the outcome that the last token of the subject names.
package cortexos.rules.test.by_last_token

last := input.message.tokens[count(input.message.tokens) - 1]

allow contains {"reason": "not named otherwise"} if not last in {"deny", "undecided"}

deny contains {"id": "test.deny", "reason": "it's denied"} if last == "deny"

throttle contains {"id": "test.throttle", "reason": "one at a time", "key": input.message.subject, "rate": 1, "burst": 1, "window_ms": 60000} if last == "throttle"

throttle contains {"id": "test.pace", "reason": "a short wait", "key": input.message.subject, "rate": 1, "burst": 1, "window_ms": 50} if last == "pace"

require_human contains {"id": "test.hold", "reason": "a person must look", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 60000} if last == "hold"

require_human contains {"id": "test.brief", "reason": "a person must look soon", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 50} if last == "brief"

modify contains {"id": "test.mod", "reason": "redacted", "set": {"/secret": "***"}, "remove": []} if last == "mod"
`;

/** Allows everything and reads nothing. */
export const ALLOW_ALL = `# METADATA
# title: Allow all
# description: Allows whatever comes.
package cortexos.rules.test.allow_all

allow contains {"reason": "everything is allowed"}
`;

/** Somebody who may approve. */
export const APPROVER = {
  id: "ada",
  kind: "human",
  roles: ["SRE_LEAD"],
  tenant: "acme",
  authenticated_by: "test",
} as const;

const keys = generateSigningKeys();

/** Compiles one rule with the real OPA and signs it with the key of this test run. */
export async function buildTestBundle(
  rego: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<TestBundle> {
  const folder = createTempDir("sdk-bundle");
  try {
    const write = (path: string, text: string): void => {
      const file = join(folder.path, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const modifiable = [{ subjects: ">", pointers: ["/secret", "/args/*"], headers: [], topics: [] }];
    write("bundle.json", JSON.stringify({ revision: 1, require_allow: true, modifiable, ...facts }));
    write("test/pack.json", JSON.stringify({ name: "test", version: "0.1.0", title: "Rules of a test" }));
    const name = /^package .*\.(?<name>\w+)$/m.exec(rego)?.groups?.["name"] ?? "rule";
    write(`test/${name}/${name}.rego`, rego);
    const opa = await openNativeOpa({ env: process.env, from: [import.meta.dirname] });
    const key = readSigningKey(keys.privateKeyPem, keys.keyId);
    const { bytes, digest } = await buildBundle(readPackTree(folder.path), { opa, key });
    const trusted = { keyId: keys.keyId, algorithm: "EdDSA", publicKeyPem: keys.publicKeyPem } as const;
    return { bytes, digest, trust: { trustedKeys: [trusted] } };
  } finally {
    folder.remove();
  }
}
