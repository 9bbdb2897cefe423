import { createPolicy, openBundle, type Policy } from "@cortexos/engine";
import { readTrustedKey } from "@cortexos/compiler";
import { decodeJson, type AuditRecord, type Input, type JsonValue } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { requireText, type CommandLine } from "./command-line.ts";
import { inputFault, isInput, isRecord, recordFault } from "./input-shape.ts";
import type { CliIo } from "./subcommand.ts";

/**
 * Opens the bundle that a command line names, with the key that it names: a signed bundle needs its key.
 *
 * @throws CliError, CompilerError `compiler.key`, EngineError.
 */
export function openNamedPolicy(line: CommandLine, io: CliIo): Policy {
  const bytes = readCommandFile(io.cwd, requireText(line, "bundle", "bundle.tar.gz"), "the bundle");
  const keyFile = line.text("key");
  if (keyFile === undefined) return createPolicy(openBundle(bytes, { unsigned: "accept", nowNs: io.nowNs() }));
  const pem = Buffer.from(readCommandFile(io.cwd, keyFile, "the public key")).toString("utf8");
  const key = readTrustedKey(pem, line.text("key-id"));
  return createPolicy(openBundle(bytes, { trustedKeys: [key], nowNs: io.nowNs() }));
}

/** An input, or the record of a decision with its input. */
export type Decidable =
  { readonly kind: "input"; readonly input: Input } | { readonly kind: "record"; readonly record: AuditRecord };

/**
 * Reads a file as an input or a record.
 *
 * @throws CliError `cli.file`, `cli.input`.
 */
export function readDecidable(path: string, io: CliIo): Decidable {
  const value = readJsonFile(path, io);
  const record = typeof value === "object" && value !== null && "schema" in value;
  if (record && isRecord(value)) return { kind: "record", record: value };
  if (!record && isInput(value)) return { kind: "input", input: value };
  const fault = record ? recordFault(value) : inputFault(value);
  throw new CliError("cli.input", `${path}: ${record ? "not a record" : "not an input"}: ${fault ?? ""}`);
}

const LIMITS = { depthMax: 128, valuesMax: 1_000_000 };

function readJsonFile(path: string, io: CliIo): JsonValue {
  const decoded = decodeJson(readCommandFile(io.cwd, path, "the input"), LIMITS);
  if (decoded.ok) return decoded.value;
  throw new CliError("cli.input", `${path}: ${decoded.reason}`);
}
