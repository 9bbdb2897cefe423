import { verifyRecord, type Verification } from "@cortexos/kernel";
import { canonicalJson } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import { onePositional } from "./command-line.ts";
import { openNamedPolicy, readDecidable } from "./decided-again.ts";
import { EXIT_CODES, type Subcommand } from "./subcommand.ts";
import { runVerb, type Verb } from "./verb.ts";

const verify: Verb = {
  name: "verify",
  usage: "verify <record.json> --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] [--json]",
  summary: "decide a record's input again: match (exit 0), mismatch (3) or unverifiable (4)",
  shape: { texts: ["bundle", "key", "key-id"], flags: ["json"] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with a record");
    const policy = openNamedPolicy(line, io);
    const decidable = readDecidable(path, io);
    if (decidable.kind !== "record") throw new CliError("cli.input", `${path}: an input, and a record is wanted`);
    const verification = verifyRecord(decidable.record, policy);
    if (line.flag("json")) io.out(`${canonicalJson({ ...verification })}\n`);
    else io.out(`${verificationText(verification)}\n`);
    return verification.verdict === "match" ? EXIT_CODES.ok : EXIT_CODES[verification.verdict];
  },
};

/** `cortexos verify`. */
export const verifyCommand: Subcommand = {
  name: verify.name,
  summary: verify.summary,
  run: (args, io) => runVerb(verify, { args, command: verify.name }, io),
};

function verificationText(verification: Verification): string {
  switch (verification.verdict) {
    case "match":
      return "match";
    case "mismatch":
      return `mismatch: ${verification.fields.join(", ")}; computed again: ${canonicalJson({ ...verification.decision })}`;
    case "unverifiable":
      return `unverifiable: ${verification.reason}`;
  }
}
