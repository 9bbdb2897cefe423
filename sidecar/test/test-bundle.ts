import { buildBundle, generateSigningKeys, openNativeOpa, readPackTree, readSigningKey } from "@cortexos/compiler";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A signed bundle and the key that is believed. */
export interface TestBundle {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly keyId: string;
  readonly publicKeyPem: string;
}

/** Decides by the last token of the subject, so that every client's way of publishing can ask for every outcome. */
export const BY_LAST_TOKEN = `# METADATA
# title: By last token
# description: Gives the outcome that the last token of the subject names.
package cortexos.rules.test.by_last_token

last := input.message.tokens[count(input.message.tokens) - 1]

allow contains {"reason": "not named otherwise"} if not last in {"deny", "undecided"}

deny contains {"id": "test.deny", "reason": "it's denied:\\r\\nwith \\"quotes\\""} if last == "deny"

throttle contains {"id": "test.throttle", "reason": "one at a time", "key": input.message.subject, "rate": 1, "burst": 1, "window_ms": 60000} if last == "throttle"

throttle contains {"id": "test.pace", "reason": "a short wait", "key": input.message.subject, "rate": 1, "burst": 1, "window_ms": 50} if last == "pace"

require_human contains {"id": "test.hold", "reason": "a person must look", "approvers": "SRE_LEAD", "quorum": 1, "expires_ms": 60000} if last == "hold"

modify contains {"id": "test.mod", "reason": "redacted", "set": {"/secret": "***"}, "remove": []} if last == "mod"
`;

/** Allows everything and reads nothing. */
export const ALLOW_ALL = `# METADATA
# title: Allow all
# description: Allows whatever comes.
package cortexos.rules.test.allow_all

allow contains {"reason": "everything is allowed"}
`;

/** What a tree's \`bundle.json\` says, with what a test changes. */
export interface BundleFacts {
  readonly revision?: number;
  readonly records?: readonly unknown[];
  readonly strict_order?: readonly string[];
}

const keys = generateSigningKeys();

/** Compiles one rule with the real OPA and signs it with the key of this test run. */
export async function buildTestBundle(folder: string, rego: string, facts: BundleFacts = {}): Promise<TestBundle> {
  const write = (path: string, text: string): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const manifest = {
    revision: 1,
    require_allow: true,
    modifiable: [{ subjects: ">", pointers: ["/secret"], headers: [], topics: [] }],
    ...facts,
  };
  write("bundle.json", JSON.stringify(manifest));
  write("test/pack.json", JSON.stringify({ name: "test", version: "0.1.0", title: "Rules of a test" }));
  const name = /^package .*\.(?<name>\w+)$/m.exec(rego)?.groups?.["name"] ?? "rule";
  write(`test/${name}/${name}.rego`, rego);
  const opa = await openNativeOpa({ env: process.env, from: [import.meta.dirname] });
  const key = readSigningKey(keys.privateKeyPem, keys.keyId);
  const { bytes, digest } = await buildBundle(readPackTree(folder), { opa, key });
  return { bytes, digest, keyId: keys.keyId, publicKeyPem: keys.publicKeyPem };
}
