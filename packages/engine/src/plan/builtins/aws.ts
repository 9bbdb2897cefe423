import { createHash, createHmac } from "node:crypto";
import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { compareStrings } from "../values/compare.ts";
import { jsonText } from "../values/json-text.ts";
import { copyObject, objectEntries, objectGet, RegoObject } from "../values/object.ts";
import { regoText } from "../values/rego-text.ts";
import { RegoSet } from "../values/set.ts";
import { toJsonValue } from "../values/to-js.ts";
import { isObject, type ObjectValue, type Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { formatLayout } from "./go-layout.ts";
import { toLower } from "./letters.ts";
import { fails, int64Operand, objectOperand, stringOperand, wrongOperand, wrongType } from "./operands.ts";
import { wallOf } from "./time-zone.ts";

/** Signatures of AWS, version 4, at a time the policy gives. */
export const AWS_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = { "providers.aws.sign_req": signRequest };

const CONFIG_KEYS = ["aws_access_key", "aws_region", "aws_secret_access_key", "aws_service"];
const UNSIGNED_HEADERS = new Set(["authorization", "user-agent", "x-amzn-trace-id"]);

function signRequest(_: BuiltinContext, ...args: readonly Value[]): Value {
  const [request, config] = [objectOperand(args[0] ?? null, 1), objectOperand(args[1] ?? null, 2)];
  requireTexts(config, CONFIG_KEYS, { position: 2, what: "AWS config" });
  const time = int64Operand(args[2] ?? null, 3);
  requireTexts(request, ["method", "url"], { position: 1, what: "request" });
  const headers = objectGet(request, "headers") ?? new RegoObject();
  if (!isObject(headers)) return wrongType(1, headers, "object");
  const isUnsigned = objectGet(config, "disable_payload_signing") ?? false;
  if (typeof isUnsigned !== "boolean")
    return wrongOperand(2, "invalid value for 'disable_payload_signing' in AWS config");
  const body = bodyOf(request);
  const bodyHash = isUnsigned ? "UNSIGNED-PAYLOAD" : createHash("sha256").update(body).digest("hex");
  const signed = sign({ request, config, headers: headerLists(headers), bodyHash, time });
  const result = copyObject(request);
  result.set("headers", signed);
  return result;
}

function requireTexts(
  object: ObjectValue,
  keys: readonly string[],
  { position, what }: { readonly position: number; readonly what: string },
): void {
  const missing = keys.filter((key) => objectGet(object, key) === undefined);
  if (missing.length > 0)
    wrongOperand(position, `missing required ${what} parameters(s): ${regoText(RegoSet.of(missing))}`);
  const invalid = keys.filter((key) => typeof objectGet(object, key) !== "string");
  if (invalid.length > 0) {
    wrongOperand(position, `invalid values for required ${what} parameters(s): ${regoText(RegoSet.of(invalid))}`);
  }
}

function bodyOf(request: ObjectValue): Buffer {
  const raw = objectGet(request, "raw_body");
  if (typeof raw === "string") return bytesOfText(raw);
  const body = objectGet(request, "body");
  return body === undefined ? Buffer.alloc(0) : Buffer.from(jsonText(body));
}

/** Each header as a list of texts, whatever else it was left out. */
function headerLists(headers: ObjectValue): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  for (const [name, value] of objectEntries(headers)) {
    const plain = toJsonValue(value);
    const texts = (Array.isArray(plain) ? plain : [plain]).map((text) =>
      typeof text === "string" ? text : jsonText(text),
    );
    if (typeof name === "string") lists.set(name, texts);
  }
  return lists;
}

interface Signing {
  readonly request: ObjectValue;
  readonly config: ObjectValue;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly bodyHash: string;
  readonly time: bigint;
}

function sign({ request, config, headers, bodyHash, time }: Signing): RegoObject {
  const wall = wallOf(time, "UTC");
  const [date, now] = [formatLayout(wall, "20060102"), formatLayout(wall, "20060102T150405Z")];
  const text = (object: ObjectValue, key: string): string => stringOperand(objectGet(object, key) ?? "", 1);
  const service = text(config, "aws_service");
  const { host, path, query } = urlParts(text(request, "url"));
  const added = new Map([
    ["host", host],
    ["x-amz-date", now],
  ]);
  if (service === "s3" || service === "glacier") added.set("x-amz-content-sha256", bodyHash);
  const session = objectGet(config, "aws_session_token");
  if (typeof session === "string" && session !== "") added.set("x-amz-security-token", session);
  const toSign = new Map<string, string>(added);
  for (const [name, values] of headers)
    if (!UNSIGNED_HEADERS.has(toLower(name))) toSign.set(toLower(name), values.join(","));
  const names = [...toSign.keys()].sort(compareStrings);
  const lines = names.map((name) => `${name}:${toSign.get(name) ?? ""}\n`).join("");
  const canonical = [text(request, "method"), path, query, lines, names.join(";"), bodyHash].join("\n");
  const scope = `${date}/${text(config, "aws_region")}/${service}/aws4_request`;
  const digest = createHash("sha256").update(canonical).digest("hex");
  const keys = [
    date,
    text(config, "aws_region"),
    service,
    "aws4_request",
    `AWS4-HMAC-SHA256\n${now}\n${scope}\n${digest}`,
  ];
  const signature = keys.reduce(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${text(config, "aws_secret_access_key")}`),
  );
  const credential = `${text(config, "aws_access_key")}/${scope}`;
  const result = new RegoObject();
  for (const [name, values] of headers) if (values.length === 1) result.set(name, values[0] ?? "");
  result.set(
    "Authorization",
    `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names.join(";")},Signature=${signature.toString("hex")}`,
  );
  for (const [name, value] of added) result.set(name, value);
  return result;
}

function urlParts(text: string): { readonly host: string; readonly path: string; readonly query: string } {
  const match = /^[a-zA-Z][\w+\-.]*:\/\/(?:[^/?#@]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(text);
  if (match === null) return fails("parse url: unexpected form");
  return { host: match[1] ?? "", path: match[2] ?? "", query: match[3] ?? "" };
}
