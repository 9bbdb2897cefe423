import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heartbeat, JobRequest } from "./generated/cortexos/v1/job.ts";
import type { JsonObject } from "./json-value.ts";
import { decodePayload, encodePayload, type PayloadForm } from "./payload.ts";
import { PROTOBUF_TYPES, protobufType } from "./protobuf.ts";

const job: PayloadForm = { format: "protobuf", type: "cortexos.v1.JobRequest" };
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const concat = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const formatOrFault = (bytes: Uint8Array, form?: PayloadForm): string => {
  const decoded = decodePayload(bytes, form);
  return decoded.ok ? decoded.format : decoded.code;
};

const request: JobRequest = {
  job_id: "j-1",
  topic: "job.code.python",
  meta: { tenant: "acme", environment: "dev", priority: 3, sla_ms: 2000, risk_tags: ["net"], labels: { team: "x" } },
  cost_estimate: { tokens_in: 10, tokens_out: 20, usd_micros: 30, wall_ms: 40 },
  context_ptr: "redis://ctx/j-1",
  parameters: { model: "m" },
};
const encoded = JobRequest.encode(request).finish();

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("decodePayload", () => {
  it.each([
    ["", "empty"],
    ["{}", "json"],
    ["3", "json"],
    ["hello", "binary"],
    ["{'a':1}", "payload.json"],
    ['{"a":NaN}', "payload.json"],
    ['{"a":-Infinity}', "payload.json"],
    ["[NaN]", "payload.json"],
    ['{"a":1}{}', "payload.json"],
    ['{"a":1} \u0001', "payload.json"],
    [' {"a":1,}', "payload.json"],
    ['["a"] b', "payload.json"],
    ['"a" b', "payload.json"],
    ["[INFO] started", "binary"],
    ["[2026-11-25] started", "binary"],
    ['"a', "binary"],
    ['{"a":"\u0001"}', "binary"],
    ['{"a":1', "binary"],
    ['"\\"\\"', "binary"],
    ["}{", "binary"],
    ['{"a":1,"a":2}', "payload.duplicate_key"],
    ["9007199254740993", "payload.number"],
    ['"\\ud800"', "payload.surrogate"],
    ["\ufeff{}", "payload.utf8"],
  ])("auto reads %j as %s", (text, expected) => {
    expect(formatOrFault(bytesOf(text))).toBe(expected);
  });

  it.each<[string, (text: string) => Uint8Array]>([
    ["UTF-16LE", (text) => Buffer.from(text, "utf16le")],
    ["UTF-16LE with a mark", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16BE", (text) => Buffer.from(text, "utf16le").swap16()],
    ["UTF-16BE with a mark", (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
    ["UTF-32LE", (text) => Buffer.from(Array.from(text).flatMap((c) => [c.charCodeAt(0), 0, 0, 0]))],
    ["UTF-32BE", (text) => Buffer.from(Array.from(text).flatMap((c) => [0, 0, 0, c.charCodeAt(0)]))],
    [
      "UTF-32BE with a mark",
      (text) => Buffer.from([0, 0, 0xfe, 0xff, ...Array.from(text).flatMap((c) => [0, 0, 0, c.charCodeAt(0)])]),
    ],
  ])("auto takes nothing in %s for binary that is JSON there", (_encoding, encode) => {
    for (const text of ['{"tool":"x"}', '["é"]', ' {"a":NaN} ']) expect(formatOrFault(encode(text))).not.toBe("binary");
    expect(formatOrFault(encode("hello"))).toBe("binary");
  });

  it("reads a megabyte of the worst in linear time", () => {
    for (const unit of ['\\"', '"', "{", '{"', "[{", "\u0000{"]) {
      expect(formatOrFault(bytesOf(`{"${unit.repeat(500_000)}`))).toBe("binary");
    }
  });

  it("auto refuses what a lenient reader would take for JSON, and takes the rest for binary", () => {
    expect(formatOrFault(concat(bytesOf('{"a":"'), Uint8Array.of(0xff), bytesOf('"}')))).toBe("payload.utf8");
    expect(formatOrFault(Uint8Array.of(0x0a, 0xff, 0x00))).toBe("binary");
    expect(formatOrFault(encoded)).toBe("binary");
  });

  it("auto calls binary only what no lenient reader takes for JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        expect(formatOrFault(bytes) === "binary" && isJson(Buffer.from(bytes).toString("utf8"))).toBe(false);
      }),
    );
  });

  it("json takes JSON alone", () => {
    expect(formatOrFault(bytesOf("[]"), { format: "json" })).toBe("json");
    expect(formatOrFault(bytesOf(""), { format: "json" })).toBe("payload.json");
    expect(formatOrFault(encoded, { format: "json" })).not.toBe("json");
  });

  it("binary reads nothing", () => {
    expect(decodePayload(bytesOf('{"a":1}'), { format: "binary" })).toEqual({
      ok: true,
      format: "binary",
      value: null,
    });
  });

  it("gives a Protobuf message as plain data with the names of its fields", () => {
    const decoded = decodePayload(encoded, job);
    expect(decoded).toEqual({ ok: true, format: "protobuf", value: JSON.parse(JSON.stringify(request)) });
  });

  it("leaves absent messages out and takes no bytes for defaults", () => {
    expect(decodePayload(new Uint8Array(0), job)).toEqual({
      ok: true,
      format: "protobuf",
      value: { job_id: "", topic: "", context_ptr: "", parameters: {} },
    });
  });

  const unknownField = Uint8Array.of(0x9a, 0x06, 0x01, 0x41);
  const again = JobRequest.encode({ ...request, meta: undefined, cost_estimate: undefined, parameters: {} }).finish();
  it.each([
    ["a singular field twice", concat(again, again)],
    ["an unknown field", concat(encoded, unknownField)],
    ["a truncated message", encoded.subarray(0, encoded.length - 1)],
    ["a default that is written out", Uint8Array.of(0x0a, 0x00)],
    ["a string that isn't UTF-8", Uint8Array.of(0x0a, 0x01, 0xff)],
    ["a varint that is too long", Uint8Array.of(0x8a, 0x00, 0x01, 0x41)],
    [
      "a map entry that names a prototype",
      concat(Uint8Array.of(0x32, 14, 0x0a, 9), bytesOf("__proto__"), Uint8Array.of(0x12, 1, 0x41)),
    ],
    ["fields out of order", concat(Uint8Array.of(0x12, 1, 0x41), Uint8Array.of(0x0a, 1, 0x41))],
    [
      "an int64 beyond the safe integers",
      concat(Uint8Array.of(0x22, 9, 0x08), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)),
    ],
  ])("refuses %s", (_what, bytes) => {
    expect(formatOrFault(bytes, job)).toBe("payload.protobuf");
  });

  it("refuses numbers that JSON can't say", () => {
    const beat = { worker_id: "", worker_type: "", gpu_util: Number.NaN, in_flight_jobs: 0, adapter_loaded: "" };
    const bytes = Heartbeat.encode({ ...beat, supported_topics: [], latency_histogram: undefined }).finish();
    expect(formatOrFault(bytes, { format: "protobuf", type: "cortexos.v1.Heartbeat" })).toBe("payload.protobuf");
  });

  it("refuses types it doesn't know", () => {
    expect(formatOrFault(encoded, { format: "protobuf", type: "other.Type" })).toBe("payload.type");
    expect(formatOrFault(encoded, { format: "protobuf" })).toBe("payload.type");
    expect(PROTOBUF_TYPES.every((name) => protobufType(name) !== undefined)).toBe(true);
  });

  it("never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...PROTOBUF_TYPES), (bytes, type) => {
        const decoded = decodePayload(bytes, { format: "protobuf", type });
        expect(decoded.ok ? encodePayload(decoded.value, "protobuf", type) : bytes).toEqual(bytes);
      }),
    );
  });
});

describe("encodePayload", () => {
  it("writes JSON canonically", () => {
    expect(encodePayload({ b: 1, a: "é" }, "json")).toEqual(Buffer.from('{"a":"é","b":1}'));
    expect(encodePayload("\ud800", "json")).toBeUndefined();
  });

  it("writes Protobuf that decodes to the same data, defaults filled in", () => {
    const bytes = encodePayload({ job_id: "j", meta: { priority: 1 } }, "protobuf", job.type);
    expect(decodePayload(bytes ?? new Uint8Array(1), job)).toMatchObject({
      value: { job_id: "j", topic: "", meta: { priority: 1, tenant: "", labels: {} } },
    });
  });

  it.each<[string, JsonObject]>([
    ["an unknown field", { other: 1 }],
    ["an unknown field inside", { meta: { other: 1 } }],
    ["a number for a string", { job_id: 5 }],
    ["a string for a number", { meta: { priority: "1" } }],
    ["a fraction for an integer", { meta: { sla_ms: 1.5 } }],
    ["an integer that is too large", { meta: { priority: 2 ** 40 } }],
    ["a text for a list", { meta: { risk_tags: "x" } }],
    ["null for a message", { meta: null }],
    ["a list for a message", { meta: [] }],
    ["a hostile key", JSON.parse('{"__proto__":{}}')],
    ["a hostile key in a map", JSON.parse('{"parameters":{"__proto__":"x"}}')],
  ])("refuses %s", (_what, value) => {
    expect(encodePayload(value, "protobuf", job.type)).toBeUndefined();
  });

  it("refuses formats that can't be changed", () => {
    expect(encodePayload({}, "binary")).toBeUndefined();
    expect(encodePayload({}, "empty")).toBeUndefined();
    expect(encodePayload([], "protobuf", job.type)).toBeUndefined();
    expect(encodePayload({}, "protobuf", "other.Type")).toBeUndefined();
  });
});
