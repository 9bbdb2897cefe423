import type { UncheckedBuiltin } from "../run/builtin.ts";
import { numberFromBigInt } from "../values/number.ts";
import { RegoObject } from "../values/object.ts";
import type { Value } from "../values/value.ts";
import { fails, stringOperand } from "./operands.ts";

/** Semantic versions and UUIDs. */
export const VERSION_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "semver.is_valid": (_, text: Value) => typeof text === "string" && parseSemver(text) !== undefined,
  "semver.compare": (_, a: Value, b: Value) => {
    const [x, y] = [stringOperand(a, 1), stringOperand(b, 2)];
    return compareSemver(
      parseSemver(x) ?? fails(`operand 1: string ${x} is not a valid SemVer`),
      parseSemver(y) ?? fails(`operand 2: string ${y} is not a valid SemVer`),
    );
  },
  "uuid.parse": (_, text: Value) => parseUuid(stringOperand(text, 1)),
};

interface Semver {
  readonly numbers: readonly bigint[];
  readonly preRelease: string;
}

const IDENTIFIERS = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/;
const INT64_MAX = 2n ** 63n - 1n;

function parseSemver(text: string): Semver | undefined {
  const [version, metadata] = cut(text.replace(/^v/, ""), "+");
  const [core, preRelease] = cut(version, "-");
  if (metadata !== undefined && !IDENTIFIERS.test(metadata)) return undefined;
  if (preRelease !== undefined && (!IDENTIFIERS.test(preRelease) || /(^|\.)0\d+(\.|$)/.test(preRelease)))
    return undefined;
  const parts = core.split(".");
  if (parts.length !== 3 || !parts.every((part) => /^(0|[1-9]\d*)$/.test(part))) return undefined;
  const numbers = parts.map(BigInt);
  return numbers.some((number) => number > INT64_MAX) ? undefined : { numbers, preRelease: preRelease ?? "" };
}

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function compareSemver(a: Semver, b: Semver): number {
  for (const [index, number] of a.numbers.entries()) {
    const order = sign(number, b.numbers[index] ?? 0n);
    if (order !== 0) return order;
  }
  if (a.preRelease === b.preRelease) return 0;
  if (a.preRelease === "" || b.preRelease === "") return a.preRelease === "" ? 1 : -1;
  const [partsA, partsB] = [a.preRelease.split("."), b.preRelease.split(".")];
  for (const [index, part] of partsA.entries()) {
    const other = partsB[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return partsA.length < partsB.length ? -1 : 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return isNumberA ? sign(BigInt(a), BigInt(b)) : sign(a, b);
}

function sign<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;
const BRACED = /^.([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12}).$/i;
const BARE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

/** 100 ns between 1582-10-15 and 1970-01-01. */
const UUID_EPOCH = 122192928000000000n;
const DOMAINS = ["Person", "Group", "Org"];

function parseUuid(text: string): Value | undefined {
  const match = UUID.exec(text) ?? BRACED.exec(text) ?? BARE.exec(text);
  if (match === null) return undefined;
  const bytes = Buffer.from(match.slice(1).join(""), "hex");
  const byte = (index: number): number => bytes[index] ?? 0;
  const version = byte(6) >> 4;
  const uuid = RegoObject.of([
    ["version", version],
    ["variant", variantOf(byte(8))],
  ]);
  if (version !== 1 && version !== 2) return uuid;
  const ticks = (BigInt(bytes.readUInt16BE(6) & 0x0fff) << 48n) | (BigInt(bytes.readUInt16BE(4)) << 32n);
  uuid.set("time", numberFromBigInt(BigInt.asIntN(64, (ticks + BigInt(bytes.readUInt32BE(0)) - UUID_EPOCH) * 100n)));
  uuid.set("nodeid", [...bytes.subarray(10)].map((part) => part.toString(16).padStart(2, "0")).join("-"));
  uuid.set("macvariables", `${byte(10) & 2 ? "local" : "global"}:${byte(10) & 1 ? "multicast" : "unicast"}`);
  uuid.set("clocksequence", bytes.readUInt16BE(8) & 0x3fff);
  if (version === 2) {
    uuid.set("id", bytes.readUInt32BE(0));
    uuid.set("domain", DOMAINS[byte(9)] ?? `Domain${byte(9)}`);
  }
  return uuid;
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return "RFC4122";
  if ((byte & 0xe0) === 0xc0) return "Microsoft";
  return (byte & 0xe0) === 0xe0 ? "Future" : "Reserved";
}
