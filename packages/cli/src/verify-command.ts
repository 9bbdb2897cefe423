import { VERIFIED_FIELDS, verifyRecord, type Verification } from "@cortexos/kernel";
import type { Policy } from "@cortexos/engine";
import { canonicalJson, type AuditRecord } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import { onePositional, type CommandLine } from "./command-line.ts";
import { decidableItems, readDecidableFile } from "./decided-again.ts";
import { openNamedPolicy } from "./named-policy.ts";
import { EXIT_CODES, type CliIo, type Subcommand } from "./subcommand.ts";
import { runVerb, type Verb } from "./verb.ts";

const verify: Verb = {
  name: "verify",
  usage:
    "verify <record.json | records.jsonl> --bundle <bundle.tar.gz> [--key <public.pem> [--key-id <id>]] [--id <id>] [--json]",
  summary:
    "decide a record's input again: match (exit 0), mismatch (3) or unverifiable (4). Of a file with one record a line, every decision, or those of one record or decision id; the worst makes the exit code",
  shape: { texts: ["bundle", "key", "key-id", "id"], flags: ["json"] },
  async run(line, io) {
    const path = onePositional(line, undefined, "file with records");
    const policy = openNamedPolicy(line, io);
    const file = readDecidableFile(path, line.text("id"), io);
    const records = decidableItems(file).map((item) => {
      if (item.kind === "record") return item.record;
      throw new CliError("cli.input", `${item.where}: an input, and a record is wanted`);
    });
    if (records.length === 0) throw new CliError("cli.input", `${path}: no record of a decision`);
    return verifyAll(records, { line, policy, isList: file.isList }, io);
  },
};

/** `cortexos verify`. */
export const verifyCommand: Subcommand = {
  name: verify.name,
  summary: "decide a record's input again and compare",
  run: (args, io) => runVerb(verify, { args, command: verify.name }, io),
};

const COVERS = `a match covers ${VERIFIED_FIELDS.join(", ")}; for all the rest: cortexos audit verify\n`;

interface VerifyOrder {
  readonly line: CommandLine;
  readonly policy: Policy;
  /** Whether each verdict says which record it is about. */
  readonly isList: boolean;
}

function verifyAll(records: readonly AuditRecord[], { line, policy, isList }: VerifyOrder, io: CliIo): number {
  const seen = new Set<Verification["verdict"]>();
  for (const record of records) {
    const verification = verifyRecord(record, policy);
    seen.add(verification.verdict);
    const id = isList ? { record_id: record.record_id } : {};
    if (line.flag("json")) io.out(`${canonicalJson({ ...id, ...verification, ...coverage(verification) })}\n`);
    else io.out(`${isList ? `${record.record_id} ` : ""}${verificationText(verification)}\n`);
  }
  if (seen.has("match") && !line.flag("json")) io.error(COVERS);
  if (seen.has("mismatch")) return EXIT_CODES.mismatch;
  return seen.has("unverifiable") ? EXIT_CODES.unverifiable : EXIT_CODES.ok;
}

/** A match says what it is about. */
function coverage({ verdict }: Verification): { readonly covers?: readonly string[] } {
  return verdict === "match" ? { covers: VERIFIED_FIELDS } : {};
}

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
