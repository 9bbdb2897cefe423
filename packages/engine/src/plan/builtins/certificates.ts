import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { BuiltinFailure } from "../run/builtin.ts";
import { numberToInt64 } from "../values/number.ts";
import { sortedEntries } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isNumber, type Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { decodeBase64 } from "./encoding.ts";
import { fails, objectOperand, stringOperand } from "./operands.ts";
import { decodePem } from "./pem.ts";
import { parseCertificates, type Certificate } from "./x509/certificate.ts";
import { dumpCertificate } from "./x509/dump.ts";
import { dumpKeyPair } from "./x509/key-pair.ts";
import { dumpRequest } from "./x509/request.ts";
import { verifyChain, type VerifyOptions } from "./x509/verify.ts";

/** X.509: certificates, chains of them, requests and pairs of keys, as dumps of Go's structures. */
export const CERTIFICATE_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "crypto.x509.parse_certificates": (_, text: Value) =>
    certificatesOf(stringOperand(text, 1)).map((certificate) => dumpCertificate(certificate, true)),
  "crypto.x509.parse_and_verify_certificates": (context, text: Value) => {
    const certificates = certificatesOrNone(stringOperand(text, 1));
    if (certificates === undefined) return [false, []];
    return verified(certificates, { ...DEFAULTS, nowMs: nowMsOf(context) }, true);
  },
  "crypto.x509.parse_and_verify_certificates_with_options": (context, text: Value, options: Value) => {
    const [encoded, settings] = [stringOperand(text, 1), objectOperand(options, 2)];
    const certificates = certificatesOrNone(encoded);
    if (certificates === undefined) return [false, []];
    const chosen = readOptions(sortedEntries(settings));
    return verified(certificates, { ...DEFAULTS, ...chosen, nowMs: chosen.nowMs ?? nowMsOf(context) }, false);
  },
  "crypto.x509.parse_certificate_request": (_, text: Value) => dumpRequest(requestBytes(stringOperand(text, 1))),
  "crypto.x509.parse_keypair": (_, certificate: Value, key: Value) =>
    dumpKeyPair(stringOperand(certificate, 1), stringOperand(key, 1)),
};

const SERVER_AUTH = 1;
const DEFAULTS = { dnsName: "", keyUsages: [SERVER_AUTH] };

function nowMsOf({ nowNs }: BuiltinContext): number {
  return nowNs === undefined ? fails("there is no clock") : Number(nowNs / 1_000_000n);
}

function verified(certificates: readonly Certificate[], options: VerifyOptions, withUriStrings: boolean): Value {
  const chain = verifyChain(certificates, options);
  return chain === undefined
    ? [false, []]
    : [true, chain.map((certificate) => dumpCertificate(certificate, withUriStrings))];
}

function certificatesOrNone(text: string): readonly Certificate[] | undefined {
  try {
    return certificatesOf(text);
  } catch (reason) {
    if (!(reason instanceof BuiltinFailure)) throw reason;
    return undefined;
  }
}

/** Certificates in PEM, or in base64 of PEM or DER. */
function certificatesOf(text: string): readonly Certificate[] {
  if (text.startsWith(PEM_START)) return parseCertificates(pemBytes(text));
  const bytes = decodeBase64(text);
  return parseCertificates(bytes.toString("latin1").startsWith(PEM_START) ? pemBytes(bytes.toString()) : bytes);
}

const PEM_START = "-----BEGIN";

function pemBytes(text: string): Buffer {
  return Buffer.concat(
    decodePem(text).map(({ type, bytes }) =>
      type === "CERTIFICATE" ? bytes : fails(`PEM block type is '${type}', expected CERTIFICATE`),
    ),
  );
}

function requestBytes(text: string): Buffer {
  const isPem = text.startsWith("-----BEGIN CERTIFICATE REQUEST-----");
  const bytes = isPem ? bytesOfText(text) : decodeBase64(text);
  const [block] = decodePem(bytes.toString());
  if (block === undefined) return bytes;
  return block.type === "CERTIFICATE REQUEST" ? block.bytes : fails("invalid PEM-encoded certificate signing request");
}

type ChosenOptions = Partial<VerifyOptions>;

function readOptions(entries: Iterable<readonly [Value, Value]>): ChosenOptions {
  let options: ChosenOptions = {};
  for (const [name, value] of entries)
    if (typeof name === "string") options = { ...options, ...readOption(name, value) };
  return options;
}

function readOption(name: string, value: Value): ChosenOptions {
  switch (name) {
    case "DNSName":
      return typeof value === "string"
        ? { dnsName: value.replace(/^"+|"+$/g, "") }
        : fails("'DNSName' should be a string");
    case "CurrentTime":
      return { nowMs: Number(int64Option(name, value)) / 1_000_000 };
    case "MaxConstraintComparisons":
      int64Option(name, value);
      return {};
    case "KeyUsages":
      return { keyUsages: keyUsagesOf(value) };
    default:
      return fails("invalid key option");
  }
}

function int64Option(name: string, value: Value): bigint {
  const integer = isNumber(value) ? numberToInt64(value) : fails(`'${name}' should be a number`);
  return integer ?? fails(`'${name}' should be a valid int64 number`);
}

/** Names of uses, at Go's numbers for them. */
const KEY_USAGES = [
  "KeyUsageAny",
  "KeyUsageServerAuth",
  "KeyUsageClientAuth",
  "KeyUsageCodeSigning",
  "KeyUsageEmailProtection",
  "KeyUsageIPSECEndSystem",
  "KeyUsageIPSECTunnel",
  "KeyUsageIPSECUser",
  "KeyUsageTimeStamping",
  "KeyUsageOCSPSigning",
  "KeyUsageMicrosoftServerGatedCrypto",
  "KeyUsageNetscapeServerGatedCrypto",
  "KeyUsageMicrosoftCommercialCodeSigning",
  "KeyUsageMicrosoftKernelCodeSigning",
];

function keyUsagesOf(value: Value): readonly number[] {
  const members = value instanceof RegoSet ? value.sorted() : value;
  if (!Array.isArray(members)) return fails("'KeyUsages' should be an Array or Set");
  const names = members.flatMap((member) => (typeof member === "string" ? member.replace(/^"+|"+$/g, "") : []));
  const wrong = names.filter((name) => !KEY_USAGES.includes(name));
  if (wrong.length > 0) return fails(`invalid entries for 'KeyUsages' found: [${wrong.join(" ")}]`);
  return names.length === 0 ? DEFAULTS.keyUsages : names.map((name) => KEY_USAGES.indexOf(name));
}
