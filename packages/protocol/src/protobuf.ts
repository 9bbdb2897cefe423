import {
  CostEstimate,
  Heartbeat,
  JobMeta,
  JobRequest,
  JobResult,
  LatencyHistogram,
} from "./generated/cortexos/v1/job.ts";
import type { MessageFns } from "./generated/cortexos/v1/job.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";

/** A Protobuf message type as plain data: fields by their names in the `.proto` file, `int64` as numbers, absent messages left out. */
export interface ProtobufType {
  /** `undefined` when the bytes aren't the one canonical encoding of what they say, or say what plain data can't. */
  decode(bytes: Uint8Array): JsonObject | undefined;
  /** `undefined` when the value isn't one of this type. Absent fields have their defaults. */
  encode(value: JsonObject): Uint8Array | undefined;
}

/** The message type of a full name, for example `cortexos.v1.JobRequest`; `undefined` when it isn't ours. */
export function protobufType(name: string): ProtobufType | undefined {
  return TYPES.get(name);
}

/** Full names of the Protobuf types whose payloads can be read. */
export const PROTOBUF_TYPES = [
  "cortexos.v1.JobRequest",
  "cortexos.v1.JobMeta",
  "cortexos.v1.CostEstimate",
  "cortexos.v1.JobResult",
  "cortexos.v1.Heartbeat",
  "cortexos.v1.LatencyHistogram",
] as const;

interface TypeDefinition extends ProtobufType {
  /** The value with every absent field at its default; `undefined` when it has a field that the type lacks. */
  complete(value: JsonObject): JsonObject | undefined;
}

const NO_BYTES = new Uint8Array(0);

function defineType<T extends object>(
  fns: MessageFns<T>,
  nested: Readonly<Record<string, TypeDefinition>>,
): TypeDefinition {
  const fields = Object.keys(fns.decode(NO_BYTES));

  function complete(value: JsonObject): JsonObject | undefined {
    if (!Object.keys(value).every((name) => fields.includes(name))) return undefined;
    const defaults = plainObject(fns.decode(NO_BYTES));
    const full: Record<string, JsonValue> = { ...defaults, ...value };
    for (const [name, type] of Object.entries(nested)) {
      const member = full[name];
      if (member === undefined) continue;
      const inner = isObject(member) ? type.complete(member) : undefined;
      if (inner === undefined) return undefined;
      full[name] = inner;
    }
    return full;
  }

  function decode(bytes: Uint8Array): JsonObject | undefined {
    try {
      const message = fns.decode(bytes);
      // One encoding for each value: a field twice, an unknown field or an odd order says one thing to us and another to the next reader.
      return equalBytes(fns.encode(message).finish(), bytes) ? plainObject(message) : undefined;
    } catch {
      return undefined;
    }
  }

  function encode(value: JsonObject): Uint8Array | undefined {
    const full = complete(value);
    if (full === undefined) return undefined;
    try {
      const bytes = fns.encode(Object.assign(fns.decode(NO_BYTES), full)).finish();
      const back = decode(bytes);
      return back !== undefined && equalData(back, full) ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  return { complete, decode, encode };
}

const jobMeta = defineType(JobMeta, {});
const costEstimate = defineType(CostEstimate, {});
const latencyHistogram = defineType(LatencyHistogram, {});

const TYPES: ReadonlyMap<string, ProtobufType> = new Map<(typeof PROTOBUF_TYPES)[number], ProtobufType>([
  ["cortexos.v1.JobRequest", defineType(JobRequest, { meta: jobMeta, cost_estimate: costEstimate })],
  ["cortexos.v1.JobMeta", jobMeta],
  ["cortexos.v1.CostEstimate", costEstimate],
  ["cortexos.v1.JobResult", defineType(JobResult, {})],
  ["cortexos.v1.Heartbeat", defineType(Heartbeat, { latency_histogram: latencyHistogram })],
  ["cortexos.v1.LatencyHistogram", latencyHistogram],
]);

function plainObject(message: object): JsonObject {
  const plain: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    if (name === "__proto__") Object.defineProperty(plain, name, { ...OWN, value: plainValue(value) });
    else plain[name] = plainValue(value);
  }
  return plain;
}

const OWN = { configurable: true, enumerable: true, writable: true } as const;

/** @throws TypeError for what JSON can't say, such as NaN. */
function plainValue(value: unknown): JsonValue {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "object" && value !== null) return plainObject(value);
  throw new TypeError("not plain data");
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function equalData(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (isArray(a) || isArray(b)) {
    return isArray(a) && isArray(b) && a.length === b.length && a.every((item, i) => equalData(item, b[i]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalData(a[key], b[key]))
  );
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
