import { generateSigningKeys } from "@cortexos/compiler";
import { createFile } from "./command-files.ts";
import { requireText } from "./command-line.ts";
import { EXIT_CODES, type Subcommand } from "./subcommand.ts";
import { createVerbs, type Verb } from "./verb.ts";

const generate: Verb = {
  name: "generate",
  usage: "keys generate --private <private.pem> --public <public.pem> [--json]",
  summary: "make an Ed25519 key pair that signs bundles; never overwrites a file",
  shape: { texts: ["private", "public"], flags: ["json"] },
  async run(line, io) {
    const privatePath = requireText(line, "private", "private.pem");
    const publicPath = requireText(line, "public", "public.pem");
    const keys = generateSigningKeys();
    createFile(io.cwd, privatePath, { text: keys.privateKeyPem, mode: 0o600 });
    createFile(io.cwd, publicPath, { text: keys.publicKeyPem, mode: 0o644 });
    const report = { ok: true, key_id: keys.keyId, private: privatePath, public: publicPath };
    io.out(line.flag("json") ? `${JSON.stringify(report)}\n` : `key ${keys.keyId}: ${privatePath}, ${publicPath}\n`);
    return EXIT_CODES.ok;
  },
};

/** `cortexos keys`. */
export const keysCommand: Subcommand = createVerbs("keys", "make keys that sign bundles", [generate]);
