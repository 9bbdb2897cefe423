import { decodeJson, type AuditRecord, type JsonValue } from "@cortexos/protocol";
import { readSeal, type BatchSeal } from "./batch-seal.ts";

/** A record as it was found in a trail. */
export interface TrailRecord {
  readonly record: AuditRecord;
  /** The line that it was read from, without its end. */
  readonly line: string;
  /** Of its batch; absent when no seal says that it belongs to one. Whether the seal is right is for the verifier to say. */
  readonly seal?: BatchSeal;
}

/** Reads a trail's lines in order; records come out when their batch ends. */
export interface TrailReader {
  /** @param line - its end may be there. @returns the records of a batch that ends here, and what stood before it unsealed. */
  line(line: string): readonly TrailRecord[];
  /** @returns what no seal covers at the end. */
  end(): readonly TrailRecord[];
}

/** Most lines that wait for their seal; further ones come out unsealed. */
const WAITING_LINES_MAX = 65_536;

/** Creates a reader. A line that is no record, such as one that a crash tore, is passed over. */
export function createTrailReader(): TrailReader {
  let waiting: TrailRecord[] = [];
  return {
    line: (raw) => {
      const line = raw.trimEnd();
      const seal = readSeal(line);
      if (seal !== undefined) {
        const unsealedCount = Math.max(0, waiting.length - seal.count);
        const batch = waiting.map((found, i) => (i < unsealedCount ? found : { ...found, seal }));
        waiting = [];
        return batch;
      }
      const record = readRecord(line);
      if (record !== undefined) waiting.push({ record, line });
      return waiting.length > WAITING_LINES_MAX ? waiting.splice(0, 1) : [];
    },
    end: () => waiting.splice(0),
  };
}

const LIMITS = { depthMax: 128, valuesMax: 1_000_000 };
const TYPES: ReadonlySet<unknown> = new Set(["decision", "outcome", "approval", "violation", "lifecycle"]);

/** Reads a line as a record; `undefined` when it is none. Only its head is looked at. */
export function readRecord(line: string): AuditRecord | undefined {
  if (!line.startsWith("{")) return undefined;
  const decoded = decodeJson(Buffer.from(line), LIMITS);
  return decoded.ok && isRecordHead(decoded.value) ? decoded.value : undefined;
}

function isRecordHead(value: JsonValue): value is JsonValue & AuditRecord {
  if (!isFields(value) || value["schema"] !== "cortexos.record/1" || !TYPES.has(value["type"])) return false;
  const { at_ns: at, origin, record_id: id } = value;
  const isDecision = value["type"] !== "decision" || hasInput(value);
  return isDecision && typeof at === "string" && /^\d{1,19}$/.test(at) && typeof id === "string" && isFields(origin);
}

/** Deep enough for every view to find what it reads. */
function hasInput({ decision, input }: Fields): boolean {
  if (!isFields(decision) || !isFields(input) || !Array.isArray(decision["rule_ids"])) return false;
  return ["principal", "message", "context", "job_meta"].every((name) => isFields(input[name])) && hasSession(input);
}

function hasSession({ context }: Fields): boolean {
  return isFields(context) && isFields(context["session"]);
}

type Fields = Readonly<Record<string, JsonValue>>;

function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
