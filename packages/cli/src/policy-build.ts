import { buildBundle, openNativeOpa, readPackTree, readSigningKey } from "@cortexos/compiler";
import { createPublicKey } from "node:crypto";
import { createPolicy, openBundle, type BundleTrust, type SigningKey } from "@cortexos/engine";
import { onePositional, requireText, type CommandLine } from "./command-line.ts";
import { readCommandFile, replaceFile } from "./command-files.ts";
import { readNamedKey } from "./named-policy.ts";
import { opaSearch, resolveTree } from "./policy-tree.ts";
import { EXIT_CODES, type CliIo } from "./subcommand.ts";
import type { Verb } from "./verb.ts";

/** `cortexos policy build`. */
export const policyBuild: Verb = {
  name: "build",
  usage: "policy build [<folder>] --out <bundle.tar.gz> [--key <private.pem> [--key-id <id>]] [--json]",
  summary: "compile packs into a bundle, and sign it",
  shape: { texts: ["out", "key", "key-id"], flags: ["json"] },
  async run(line, io) {
    const folder = onePositional(line, "policies", "folder");
    const out = requireText(line, "out", "file");
    const key = signingKey(line, io);
    const opa = await openNativeOpa(opaSearch(folder, io));
    const bundle = await buildBundle(readPackTree(resolveTree(folder, io)), {
      opa,
      ...(key === undefined ? {} : { key }),
    });
    // A bundle that the engine would refuse is never written; what its window says about today doesn't matter here.
    createPolicy(openBundle(bundle.bytes, { ...trustOf(key), nowNs: BigInt(bundle.manifest.not_before_ns ?? 0) }));
    replaceFile(io.cwd, out, bundle.bytes);
    const { digest, ruleCount, signedBy, manifest } = bundle;
    const report = { ok: true, out, digest, revision: manifest.revision, rules: ruleCount, bytes: bundle.bytes.length };
    if (line.flag("json")) io.out(`${JSON.stringify({ ...report, signed_by: signedBy ?? null, opa: opa.version })}\n`);
    else
      io.out(
        `${out}: ${ruleCount} rules, revision ${manifest.revision}, ${signedBy === undefined ? "unsigned" : `signed by ${signedBy}`}\n${digest}\n`,
      );
    return EXIT_CODES.ok;
  },
};

function signingKey(line: CommandLine, io: CliIo): SigningKey | undefined {
  const path = line.text("key");
  if (path === undefined) return undefined;
  const pem = Buffer.from(readCommandFile(io.cwd, path, "the signing key")).toString("utf8");
  return readNamedKey("the signing key", path, () => readSigningKey(pem, line.text("key-id")));
}

/** The public half of the key that signed, so that the bundle is opened as everybody will open it. */
function trustOf(key: SigningKey | undefined): BundleTrust {
  if (key === undefined) return { unsigned: "accept" };
  const { keyId, algorithm, privateKeyPem } = key;
  const publicKeyPem = createPublicKey(privateKeyPem).export({ format: "pem", type: "spki" }).toString();
  return { trustedKeys: [{ keyId, algorithm, publicKeyPem }] };
}
