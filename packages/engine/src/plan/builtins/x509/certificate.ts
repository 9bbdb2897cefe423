import { isDeepStrictEqual } from "node:util";
import { fails } from "../operands.ts";
import { Der, TAG } from "./der.ts";
import { processExtensions, type ExtensionFields } from "./extensions.ts";
import { parseName, type Name } from "./name.ts";
import { parsePublicKey, type PublicKey } from "./public-key.ts";
import { signatureAlgorithm } from "./signature-algorithm.ts";
import { parseTime, type CertificateTime } from "./time.ts";

/** An extension as it stands in the certificate. */
export interface Extension {
  readonly id: readonly number[];
  readonly isCritical: boolean;
  readonly value: Buffer;
}

/** A certificate, taken apart. */
export interface Certificate extends ExtensionFields {
  readonly raw: Buffer;
  readonly rawTbs: Buffer;
  readonly rawPublicKey: Buffer;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
  /** 1 to 3. */
  readonly version: number;
  readonly serialNumber: bigint;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: CertificateTime;
  readonly notAfter: CertificateTime;
  readonly signature: Buffer;
  /** Go's number for it; 0 when it isn't known. */
  readonly signatureAlgorithm: number;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

/** Certificates one after the other in DER. Fails as a built-in does. */
export function parseCertificates(bytes: Buffer): readonly Certificate[] {
  const reader = new Der(bytes);
  const certificates: Certificate[] = [];
  while (!reader.isEmpty) certificates.push(parseCertificate(reader));
  return certificates;
}

const VERSION_MAX = 3;

function parseCertificate(reader: Der): Certificate {
  const { whole: raw, contents } = reader.element(TAG.sequence, "malformed certificate");
  const outer = new Der(contents);
  const { whole: rawTbs, contents: tbsContents } = outer.element(TAG.sequence, "malformed tbs certificate");
  const tbs = new Der(tbsContents);
  const version = Number(tbs.optional(TAG.constructed, "malformed version")?.integer("malformed version") ?? 0n) + 1;
  if (version < 1) fails("x509: malformed version");
  if (version > VERSION_MAX) fails("x509: invalid version");
  const serialNumber = tbs.integer("malformed serial number");
  if (serialNumber < 0n) fails("x509: negative serial number");
  const innerAlgorithm = tbs.read(TAG.sequence, "malformed signature algorithm identifier");
  if (!outer.read(TAG.sequence, "malformed algorithm identifier").equals(innerAlgorithm)) {
    fails("x509: inner and outer signature algorithm identifiers don't match");
  }
  const rawIssuer = tbs.element(TAG.sequence, "malformed issuer").whole;
  const issuer = parseName(rawIssuer);
  const validity = tbs.inner(TAG.sequence, "malformed validity");
  const notBefore = parseTime(validity);
  const notAfter = parseTime(validity);
  const rawSubject = tbs.element(TAG.sequence, "malformed issuer").whole;
  const subject = parseName(rawSubject);
  const rawPublicKey = tbs.element(TAG.sequence, "malformed spki").whole;
  const publicKey = parsePublicKey(rawPublicKey);
  const extensions = version > 1 ? parseExtensions(tbs, version) : [];
  return {
    ...processExtensions(extensions),
    raw,
    rawTbs,
    rawPublicKey,
    rawSubject,
    rawIssuer,
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    signature: outer.bits("malformed signature").bytes,
    signatureAlgorithm: signatureAlgorithm(innerAlgorithm),
    publicKey,
    extensions,
  };
}

function parseExtensions(tbs: Der, version: number): readonly Extension[] {
  for (const tag of [1, 2]) if (tbs.isNext(TAG.context + tag)) tbs.any("malformed unique id");
  const extensions = version < VERSION_MAX ? undefined : tbs.optional(TAG.constructed + 3, "malformed extensions");
  return extensions === undefined ? [] : readExtensions(extensions.inner(TAG.sequence, "malformed extensions"));
}

export function readExtensions(list: Der): readonly Extension[] {
  const extensions: Extension[] = [];
  while (!list.isEmpty) {
    const extension = list.inner(TAG.sequence, "malformed extension");
    const id = extension.oid("malformed extension OID field");
    const isCritical = extension.isNext(TAG.boolean) && extension.boolean("malformed extension critical field");
    const value = extension.read(TAG.octetString, "malformed extension value field");
    if (extensions.some((other) => isDeepStrictEqual(other.id, id))) {
      fails(`x509: certificate contains duplicate extension with OID "${id.join(".")}"`);
    }
    extensions.push({ id, isCritical, value });
  }
  return extensions;
}
