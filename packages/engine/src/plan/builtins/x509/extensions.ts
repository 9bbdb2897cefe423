import { fails } from "../operands.ts";
import type { Extension } from "./certificate.ts";
import { Der, TAG } from "./der.ts";
import { parseAlternativeNames, type AlternativeNames } from "./alternative-names.ts";
import { NO_CONSTRAINTS, parseNameConstraints, type NameConstraints } from "./name-constraints.ts";

/** What extensions say. Undefined for lists that no extension gave. */
export interface ExtensionFields extends AlternativeNames {
  keyUsage: number;
  extKeyUsage: number[] | undefined;
  unknownExtKeyUsage: (readonly number[])[] | undefined;
  basicConstraintsValid: boolean;
  isCA: boolean;
  /** -1 for no limit; 0 too where there is no such extension. */
  maxPathLen: number;
  subjectKeyId: Buffer | undefined;
  authorityKeyId: Buffer | undefined;
  ocspServer: string[] | undefined;
  issuingCertificateURL: string[] | undefined;
  crlDistributionPoints: string[] | undefined;
  policies: (readonly number[])[] | undefined;
  policyMappings: (readonly [readonly number[], readonly number[]])[] | undefined;
  inhibitAnyPolicy: number | undefined;
  inhibitPolicyMapping: number | undefined;
  requireExplicitPolicy: number | undefined;
  constraints: NameConstraints;
  unhandledCritical: (readonly number[])[] | undefined;
}

/** Gives true when the extension says something that isn't understood. */
type Reader = (fields: ExtensionFields, extension: Extension) => boolean;

export function processExtensions(extensions: readonly Extension[]): ExtensionFields {
  const fields: ExtensionFields = {
    keyUsage: 0,
    extKeyUsage: undefined,
    unknownExtKeyUsage: undefined,
    basicConstraintsValid: false,
    isCA: false,
    maxPathLen: 0,
    subjectKeyId: undefined,
    authorityKeyId: undefined,
    ocspServer: undefined,
    issuingCertificateURL: undefined,
    crlDistributionPoints: undefined,
    policies: undefined,
    policyMappings: undefined,
    inhibitAnyPolicy: undefined,
    inhibitPolicyMapping: undefined,
    requireExplicitPolicy: undefined,
    constraints: NO_CONSTRAINTS,
    unhandledCritical: undefined,
    dnsNames: undefined,
    emailAddresses: undefined,
    ipAddresses: undefined,
    uris: undefined,
  };
  for (const extension of extensions) {
    const read = READERS.get(extension.id.join("."));
    const isUnhandled = read === undefined || read(fields, extension);
    if (isUnhandled && extension.isCritical) (fields.unhandledCritical ??= []).push(extension.id);
  }
  return fields;
}

const KEY_USAGE_BITS = 9;

function keyUsage(fields: ExtensionFields, { value }: Extension): boolean {
  const { bytes } = new Der(value).bits("invalid key usage");
  for (let bit = 0; bit < KEY_USAGE_BITS; bit += 1) {
    if (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) fields.keyUsage |= 1 << bit;
  }
  return false;
}

function basicConstraints(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid basic constraints";
  const sequence = new Der(value).inner(TAG.sequence, what);
  fields.isCA = sequence.isNext(TAG.boolean) && sequence.boolean(what);
  const length = sequence.isNext(TAG.integer) ? sequence.integer(what) : -1n;
  if (length < -1n || length > BigInt(Number.MAX_SAFE_INTEGER)) fails(`x509: ${what}`);
  fields.maxPathLen = Number(length);
  fields.basicConstraintsValid = true;
  return false;
}

function alternativeNames(fields: ExtensionFields, { value }: Extension): boolean {
  const names = parseAlternativeNames(value);
  Object.assign(fields, names);
  return Object.values(names).every((list) => list === undefined);
}

function nameConstraints(fields: ExtensionFields, extension: Extension): boolean {
  const { constraints, isUnhandled } = parseNameConstraints(extension.value);
  fields.constraints = { ...constraints, isCritical: extension.isCritical };
  return isUnhandled;
}

/** Go's numbers for uses, by their place in the list; 0 is any. */
const EXT_KEY_USAGES = [
  "2.5.29.37.0",
  "1.3.6.1.5.5.7.3.1",
  "1.3.6.1.5.5.7.3.2",
  "1.3.6.1.5.5.7.3.3",
  "1.3.6.1.5.5.7.3.4",
  "1.3.6.1.5.5.7.3.5",
  "1.3.6.1.5.5.7.3.6",
  "1.3.6.1.5.5.7.3.7",
  "1.3.6.1.5.5.7.3.8",
  "1.3.6.1.5.5.7.3.9",
  "1.3.6.1.4.1.311.10.3.3",
  "2.16.840.1.113730.4.1",
  "1.3.6.1.4.1.311.2.1.22",
  "1.3.6.1.4.1.311.61.1.1",
];

function extKeyUsage(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid extended key usages";
  const sequence = new Der(value).inner(TAG.sequence, what);
  while (!sequence.isEmpty) {
    const oid = sequence.oid(what);
    const usage = EXT_KEY_USAGES.indexOf(oid.join("."));
    if (usage >= 0) (fields.extKeyUsage ??= []).push(usage);
    else (fields.unknownExtKeyUsage ??= []).push(oid);
  }
  return false;
}

function subjectKeyId(fields: ExtensionFields, { value, isCritical }: Extension): boolean {
  if (isCritical) fails("x509: subject key identifier incorrectly marked critical");
  fields.subjectKeyId = new Der(value).read(TAG.octetString, "invalid subject key identifier");
  return false;
}

function authorityKeyId(fields: ExtensionFields, { value, isCritical }: Extension): boolean {
  const what = "invalid authority key identifier";
  if (isCritical) fails("x509: authority key identifier incorrectly marked critical");
  const sequence = new Der(value).inner(TAG.sequence, what);
  if (sequence.isNext(TAG.context)) fields.authorityKeyId = sequence.read(TAG.context, what);
  return false;
}

const URI = TAG.context + 6;

function crlDistributionPoints(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid CRL distribution point";
  const points = new Der(value).inner(TAG.sequence, `${what}s`);
  while (!points.isEmpty) {
    const name = points.inner(TAG.sequence, what).optional(TAG.constructed, what);
    const fullName = name?.inner(TAG.constructed, what);
    while (fullName?.isNext(URI) === true) {
      (fields.crlDistributionPoints ??= []).push(fullName.read(URI, what).toString("latin1"));
    }
  }
  return false;
}

const OCSP = "1.3.6.1.5.5.7.48.1";
const ISSUERS = "1.3.6.1.5.5.7.48.2";

function authorityInfoAccess(fields: ExtensionFields, { value, isCritical }: Extension): boolean {
  const what = "invalid authority info access";
  if (isCritical) fails("x509: authority info access incorrectly marked critical");
  const list = new Der(value).inner(TAG.sequence, what);
  while (!list.isEmpty) {
    const description = list.inner(TAG.sequence, what);
    const method = description.oid(what).join(".");
    if (!description.isNext(URI)) continue;
    const uri = description.read(URI, what).toString("latin1");
    if (method === OCSP) (fields.ocspServer ??= []).push(uri);
    if (method === ISSUERS) (fields.issuingCertificateURL ??= []).push(uri);
  }
  return false;
}

function policies(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid certificate policies";
  const list = new Der(value).inner(TAG.sequence, what);
  const seen = new Set<string>();
  fields.policies ??= [];
  while (!list.isEmpty) {
    const oid = list.inner(TAG.sequence, what).oid(what);
    if (seen.has(oid.join("."))) fails(`x509: ${what}`);
    seen.add(oid.join("."));
    fields.policies.push(oid);
  }
  return false;
}

function policyMappings(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid policy mappings extension";
  const list = new Der(value).inner(TAG.sequence, what);
  while (!list.isEmpty) {
    const pair = list.inner(TAG.sequence, what);
    (fields.policyMappings ??= []).push([pair.oid(what), pair.oid(what)]);
  }
  return false;
}

function policyConstraints(fields: ExtensionFields, { value }: Extension): boolean {
  const what = "invalid policy constraints extension";
  const sequence = new Der(value).inner(TAG.sequence, what);
  if (sequence.isNext(TAG.context)) fields.requireExplicitPolicy = smallInteger(sequence, what, TAG.context);
  if (sequence.isNext(TAG.context + 1)) fields.inhibitPolicyMapping = smallInteger(sequence, what, TAG.context + 1);
  return false;
}

function inhibitAnyPolicy(fields: ExtensionFields, { value }: Extension): boolean {
  fields.inhibitAnyPolicy = smallInteger(new Der(value), "invalid inhibit any policy extension", TAG.integer);
  return false;
}

function smallInteger(reader: Der, what: string, tag: number): number {
  const value = Number(reader.integer(what, tag));
  return Number.isSafeInteger(value) ? value : fails(`x509: ${what}`);
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ["2.5.29.14", subjectKeyId],
  ["2.5.29.15", keyUsage],
  ["2.5.29.17", alternativeNames],
  ["2.5.29.19", basicConstraints],
  ["2.5.29.30", nameConstraints],
  ["2.5.29.31", crlDistributionPoints],
  ["2.5.29.32", policies],
  ["2.5.29.33", policyMappings],
  ["2.5.29.35", authorityKeyId],
  ["2.5.29.36", policyConstraints],
  ["2.5.29.37", extKeyUsage],
  ["2.5.29.54", inhibitAnyPolicy],
  ["1.3.6.1.5.5.7.1.1", authorityInfoAccess],
]);
