import { decodeJson, type AuditRecord, type Input, type JsonValue } from "@cortexos/protocol";
import { CliError } from "./cli-error.ts";
import { readCommandFile } from "./command-files.ts";
import { inputFault, isInput, isRecord, recordFault } from "./input-shape.ts";
import type { CliIo } from "./subcommand.ts";

/** An input, or a record of what the gate did. */
export type Decidable =
  { readonly kind: "input"; readonly input: Input } | { readonly kind: "record"; readonly record: AuditRecord };

/** What a file holds. */
export interface DecidableFile {
  /** Whether it has one value a line; the only value of a file may take as many lines as it likes. */
  readonly isList: boolean;
  /** At least one, each with its place for messages: the file, or `file:line`. */
  readonly items: readonly (Decidable & { readonly where: string })[];
}

/**
 * Reads a file with an input or a record, or with one a line, as the gate's file of records has them.
 *
 * @param id - takes only the records that have this record or decision id.
 * @throws CliError `cli.file`, `cli.input`.
 */
export function readDecidableFile(path: string, id: string | undefined, io: CliIo): DecidableFile {
  const values = readValues(path, readCommandFile(io.cwd, path, "the input")).filter(({ value }) => !isSeal(value));
  if (values.length === 0) throw new CliError("cli.input", `${path}: no record`);
  const items = values.map(({ where, value }) => ({ where, ...readDecidable(where, value) }));
  if (id === undefined) return { isList: values.length > 1, items };
  const wanted = items.filter((item) => item.kind === "record" && hasId(item.record, id));
  if (wanted.length === 0) throw new CliError("cli.input", `${path}: no record with the id \`${id.slice(0, 200)}\``);
  return { isList: wanted.length > 1, items: wanted };
}

/** The input to decide. @throws CliError `cli.input` for a record that has none. */
export function inputOf(decidable: DecidableFile["items"][number]): Input {
  if (decidable.kind === "input") return decidable.input;
  if (decidable.record.type === "decision") return decidable.record.input;
  throw new CliError("cli.input", `${decidable.where}: a record of type \`${decidable.record.type}\` has no input`);
}

/** Of a list, what can be decided: records of something else, such as the gate's start, stand in between. */
export function decidableItems({ isList, items }: DecidableFile): DecidableFile["items"] {
  return isList ? items.filter((item) => item.kind === "input" || item.record.type === "decision") : items;
}

interface PlacedValue {
  readonly where: string;
  readonly value: JsonValue;
}

const LIMITS = { depthMax: 128, valuesMax: 1_000_000 };
const LINE_FEED = 0x0a;

function readValues(path: string, bytes: Uint8Array): readonly PlacedValue[] {
  const whole = decodeJson(bytes, LIMITS);
  if (whole.ok) return [{ where: path, value: whole.value }];
  const lines = linesOf(bytes);
  const [first] = lines;
  if (first === undefined) throw new CliError("cli.input", `${path}: the file is empty`);
  // A text of several lines that isn't JSON as a whole is a list only where its first line is JSON.
  if (lines.length === 1 || !decodeJson(first.bytes, LIMITS).ok)
    throw new CliError("cli.input", `${path}: ${whole.reason}`);
  return lines.map(({ row, bytes: text }) => {
    const decoded = decodeJson(text, LIMITS);
    const where = `${path}:${row}`;
    if (decoded.ok) return { where, value: decoded.value };
    throw new CliError("cli.input", `${where}: ${decoded.reason}`);
  });
}

function linesOf(bytes: Uint8Array): readonly { readonly row: number; readonly bytes: Uint8Array }[] {
  const lines: { readonly row: number; readonly bytes: Uint8Array }[] = [];
  for (let row = 1, start = 0; start < bytes.length; row++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const line = bytes.subarray(start, end);
    if (line.some((byte) => byte > 0x20)) lines.push({ row, bytes: line });
    start = end + 1;
  }
  return lines;
}

function readDecidable(where: string, value: JsonValue): Decidable {
  const record = typeof value === "object" && value !== null && "schema" in value;
  if (record && isRecord(value)) return { kind: "record", record: value };
  if (!record && isInput(value)) return { kind: "input", input: value };
  const fault = record ? recordFault(value) : inputFault(value);
  throw new CliError("cli.input", `${where}: ${record ? "not a record" : "not an input"}: ${fault ?? ""}`);
}

/** What ends a batch of records in the gate's file. */
function isSeal(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && "schema" in value && value.schema === "cortexos.seal/1";
}

function hasId(record: AuditRecord, id: string): boolean {
  return record.record_id === id || (record.type === "decision" && record.decision.decision_id === id);
}
