import { addressText } from "../ip-network.ts";
import { urlText, type GoUrl } from "../go-url.ts";
import { numberFromBigInt } from "../../values/number.ts";
import { RegoObject } from "../../values/object.ts";
import type { Value } from "../../values/value.ts";
import type { AlternativeNames } from "./alternative-names.ts";
import type { Certificate, Extension } from "./certificate.ts";
import type { Name } from "./name.ts";
import type { Subtrees } from "./name-constraints.ts";
import { KEY_ALGORITHM, type PublicKey } from "./public-key.ts";

// Certificates as Go's JSON shows its structures.

type Fields = Readonly<Record<string, Value>>;

export function dumpFields(fields: Fields): Value {
  return RegoObject.of(Object.entries(fields));
}

/** A certificate; `URIStrings` is what OPA adds for some built-ins. */
export function dumpCertificate(certificate: Certificate, withUriStrings: boolean): Value {
  const { raw, rawTbs, rawPublicKey, rawSubject, rawIssuer, signature, uris } = certificate;
  return dumpFields({
    Raw: base64(raw),
    RawTBSCertificate: base64(rawTbs),
    RawSubjectPublicKeyInfo: base64(rawPublicKey),
    RawSubject: base64(rawSubject),
    RawIssuer: base64(rawIssuer),
    Signature: base64(signature),
    SignatureAlgorithm: certificate.signatureAlgorithm,
    ...dumpKey(certificate.publicKey),
    Version: certificate.version,
    SerialNumber: numberFromBigInt(certificate.serialNumber),
    Issuer: dumpName(certificate.issuer),
    Subject: dumpName(certificate.subject),
    NotBefore: certificate.notBefore.text,
    NotAfter: certificate.notAfter.text,
    Extensions: orNull(certificate.extensions.length === 0 ? undefined : certificate.extensions.map(dumpExtension)),
    ExtraExtensions: null,
    ...dumpNames(certificate),
    ...dumpExtensionFields(certificate),
    ...(withUriStrings ? { URIStrings: orNull(uris?.map(urlText)) } : {}),
  });
}

function dumpExtensionFields(certificate: Certificate): Fields {
  const { subjectKeyId, authorityKeyId, policies, policyMappings, unhandledCritical } = certificate;
  return {
    KeyUsage: certificate.keyUsage,
    UnhandledCriticalExtensions: orNull(unhandledCritical?.map(numbers)),
    ExtKeyUsage: orNull(certificate.extKeyUsage),
    UnknownExtKeyUsage: orNull(certificate.unknownExtKeyUsage?.map(numbers)),
    BasicConstraintsValid: certificate.basicConstraintsValid,
    IsCA: certificate.isCA,
    MaxPathLen: certificate.maxPathLen,
    MaxPathLenZero: certificate.basicConstraintsValid && certificate.maxPathLen === 0,
    SubjectKeyId: orNull(subjectKeyId === undefined ? undefined : base64(subjectKeyId)),
    AuthorityKeyId: orNull(authorityKeyId === undefined ? undefined : base64(authorityKeyId)),
    OCSPServer: orNull(certificate.ocspServer),
    IssuingCertificateURL: orNull(certificate.issuingCertificateURL),
    CRLDistributionPoints: orNull(certificate.crlDistributionPoints),
    PolicyIdentifiers: orNull(policies?.map(numbers)),
    Policies: orNull(policies?.map((oid) => oid.join("."))),
    PolicyMappings: orNull(
      policyMappings?.map(([issuer, subject]) =>
        dumpFields({ IssuerDomainPolicy: issuer.join("."), SubjectDomainPolicy: subject.join(".") }),
      ),
    ),
    ...dumpCount("InhibitAnyPolicy", certificate.inhibitAnyPolicy),
    ...dumpCount("InhibitPolicyMapping", certificate.inhibitPolicyMapping),
    ...dumpCount("RequireExplicitPolicy", certificate.requireExplicitPolicy),
    PermittedDNSDomainsCritical: certificate.constraints.isCritical,
    ...dumpSubtrees("Permitted", certificate.constraints.permitted),
    ...dumpSubtrees("Excluded", certificate.constraints.excluded),
  };
}

/** Go tells a zero that is there from none. */
function dumpCount(name: string, count: number | undefined): Fields {
  return { [name]: count ?? 0, [`${name}Zero`]: count === 0 };
}

function dumpSubtrees(kind: string, { dns, emails, ips, uris }: Subtrees): Fields {
  return {
    [`${kind}DNSDomains`]: orNull(dns),
    [`${kind}EmailAddresses`]: orNull(emails),
    [`${kind}URIDomains`]: orNull(uris),
    [`${kind}IPRanges`]: orNull(ips?.map(([ip, mask]) => dumpFields({ IP: ipText(ip), Mask: base64(mask) }))),
  };
}

export function dumpKey(key: PublicKey): Fields {
  return { PublicKeyAlgorithm: KEY_ALGORITHM[key.kind], PublicKey: dumpPublicKey(key) };
}

function dumpPublicKey(key: PublicKey): Value {
  switch (key.kind) {
    case "rsa":
      return dumpFields({ N: numberFromBigInt(key.modulus), E: numberFromBigInt(key.exponent) });
    case "ec":
      return dumpFields({ Curve: new RegoObject(), X: numberFromBigInt(key.x), Y: numberFromBigInt(key.y) });
    case "ed25519":
      return base64(key.bytes);
    case "dsa": {
      const [P, Q, G, Y] = [key.p, key.q, key.g, key.y].map(numberFromBigInt);
      return dumpFields({ P: P ?? 0, Q: Q ?? 0, G: G ?? 0, Y: Y ?? 0 });
    }
    case "unknown":
      return null;
  }
}

export function dumpNames({ dnsNames, emailAddresses, ipAddresses, uris }: AlternativeNames): Fields {
  return {
    DNSNames: orNull(dnsNames),
    EmailAddresses: orNull(emailAddresses),
    IPAddresses: orNull(ipAddresses?.map(ipText)),
    URIs: orNull(uris?.map(dumpUrl)),
  };
}

function dumpUrl({ scheme, opaque, userinfo, host, path, rawPath, query, fragment }: GoUrl): Value {
  const plain = urlText({ scheme: "", opaque: "", userinfo: "", host: "", path, rawPath: "", query: "", fragment: "" });
  return dumpFields({
    Scheme: scheme,
    Opaque: opaque,
    // Its fields aren't shown.
    User: userinfo === "" ? null : new RegoObject(),
    Host: host,
    Fragment: fragment,
    RawQuery: query,
    Path: path,
    RawPath: rawPath === plain ? "" : rawPath,
    RawFragment: "",
    ForceQuery: false,
    OmitHost: false,
  });
}

export function dumpExtension({ id, isCritical, value }: Extension): Value {
  return dumpFields({ Id: numbers(id), Critical: isCritical, Value: base64(value) });
}

/** Attributes that have a field of their own: lists, and texts of which the last one counts. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ["2.5.4.6", "Country"],
  ["2.5.4.10", "Organization"],
  ["2.5.4.11", "OrganizationalUnit"],
  ["2.5.4.7", "Locality"],
  ["2.5.4.8", "Province"],
  ["2.5.4.9", "StreetAddress"],
  ["2.5.4.17", "PostalCode"],
]);
const TEXTS: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CommonName"],
  ["2.5.4.5", "SerialNumber"],
]);

export function dumpName({ attributes }: Name): Value {
  const lists = new Map<string, Value[]>();
  const fields: Record<string, Value> = { ExtraNames: null };
  for (const name of LISTS.values()) fields[name] = null;
  for (const name of TEXTS.values()) fields[name] = "";
  for (const { type, value } of attributes) {
    const [list, text] = [LISTS.get(type.join(".")), TEXTS.get(type.join("."))];
    if (text !== undefined) fields[text] = value;
    if (list === undefined) continue;
    const values = lists.get(list) ?? [];
    lists.set(list, values);
    values.push(value);
    fields[list] = values;
  }
  const names = attributes.map(({ type, value }) => dumpFields({ Type: numbers(type), Value: value }));
  return dumpFields({ ...fields, Names: orNull(names.length === 0 ? undefined : names) });
}

function ipText(bytes: Buffer): string {
  const value = BigInt(`0x${bytes.toString("hex")}`);
  return addressText({ bits: bytes.length === 4 ? 32 : 128, value });
}

export function base64(bytes: Buffer): string {
  return bytes.toString("base64");
}

export function numbers(oid: readonly number[]): Value {
  return [...oid];
}

export function orNull(value: Value | undefined): Value {
  return value ?? null;
}
