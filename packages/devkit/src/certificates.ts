import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { DER, der, derOid, derTime } from "./der.ts";

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Somebody who issues certificates, for one test. */
export interface CertificateAuthority {
  /** What trusts this authority is given. */
  readonly certificatePem: string;
  /**
   * A new certificate for servers and clients, valid for an hour.
   *
   * @param names - host names, IP addresses (version 4) and URIs that it is for; the first is its common name too.
   */
  issue(...names: readonly [string, ...string[]]): Certificate;
}

const HOUR_MS = 3_600_000;
const ECDSA_SHA256 = der(DER.sequence, derOid("1.2.840.10045.4.3.2"));

/** Makes an authority with a key of its own. Nothing of it is kept anywhere. */
export function createCertificateAuthority(name = "Test authority"): CertificateAuthority {
  const keys = generateKeys();
  const issuer = { name, key: keys.privateKey };
  const isAuthority = [basicConstraints(true), extension(KEY_USAGE, Buffer.from([DER.bits, 2, 2, KEY_CERT_SIGN]))];
  return {
    certificatePem: makeCertificate({ issuer, name, key: keys.publicKey, extensions: isAuthority }),
    issue: (...names) => {
      const { privateKey, publicKey } = generateKeys();
      const extensions = [basicConstraints(false), alternativeNames(names), FOR_SERVERS_AND_CLIENTS];
      return {
        certificatePem: makeCertificate({ issuer, name: names[0], key: publicKey, extensions }),
        keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

interface CertificateFacts {
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly name: string;
  readonly key: KeyObject;
  readonly extensions: readonly Uint8Array[];
}

/** RFC 5280, version 3. */
function makeCertificate({ issuer, name, key, extensions }: CertificateFacts): string {
  const nowMs = Date.now();
  // The highest bit is clear: a serial number is positive.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const facts = der(
    DER.sequence,
    der(DER.tagged, der(DER.integer, Buffer.from([2]))),
    der(DER.integer, serial),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    der(DER.sequence, derTime(new Date(nowMs - HOUR_MS)), derTime(new Date(nowMs + HOUR_MS))),
    distinguishedName(name),
    key.export({ type: "spki", format: "der" }),
    der(DER.tagged | 3, der(DER.sequence, ...extensions)),
  );
  const signature = der(DER.bits, Buffer.from([0]), sign("sha256", facts, issuer.key));
  const base64 = der(DER.sequence, facts, ECDSA_SHA256, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

function generateKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function distinguishedName(commonName: string): Buffer {
  const name = der(DER.sequence, derOid("2.5.4.3"), der(DER.utf8, Buffer.from(commonName)));
  return der(DER.sequence, der(DER.set, name));
}

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const KEY_CERT_SIGN = 0x04;
const TRUE = der(DER.boolean, Buffer.from([0xff]));

function extension(oid: string, value: Uint8Array): Buffer {
  return der(DER.sequence, derOid(oid), TRUE, der(DER.bytes, value));
}

function basicConstraints(isAuthority: boolean): Buffer {
  return extension(BASIC_CONSTRAINTS, der(DER.sequence, ...(isAuthority ? [TRUE] : [])));
}

function alternativeNames(names: readonly string[]): Buffer {
  return extension(ALTERNATIVE_NAMES, der(DER.sequence, ...names.map(generalName)));
}

function generalName(name: string): Buffer {
  if (isIP(name) !== 0) return der(DER.implicit | 7, Buffer.from(name.split(".").map(Number)));
  return der(DER.implicit | (name.includes("://") ? 6 : 2), Buffer.from(name));
}

const FOR_SERVERS_AND_CLIENTS = extension(
  EXTENDED_KEY_USAGE,
  der(DER.sequence, derOid("1.3.6.1.5.5.7.3.1"), derOid("1.3.6.1.5.5.7.3.2")),
);
