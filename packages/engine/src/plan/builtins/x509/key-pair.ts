import type { Value } from "../../values/value.ts";
import { decodeBase64 } from "../encoding.ts";
import { fails } from "../operands.ts";
import { decodePem, type PemBlock } from "../pem.ts";
import { dumpPrivateKey, privateKeyOf } from "../private-keys.ts";
import { parseCertificates } from "./certificate.ts";
import { base64, dumpCertificate, dumpFields } from "./dump.ts";

/** A certificate and its key, each in PEM, or in base64 of PEM or DER, as Go's `tls.Certificate`. */
export function dumpKeyPair(certificateText: string, keyText: string): Value {
  const certificates = blocksOf(certificateText, "CERTIFICATE").filter(({ type }) => type === "CERTIFICATE");
  const [first] = certificates;
  if (first === undefined) return fails("tls: failed to find any PEM data in certificate input");
  const [leaf, ...more] = parseCertificates(first.bytes);
  if (leaf === undefined || more.length > 0) return fails("x509: trailing data");
  const block = blocksOf(keyText, "PRIVATE KEY").find(
    ({ type }) => type === "PRIVATE KEY" || type.endsWith(" PRIVATE KEY"),
  );
  if (block === undefined) return fails("tls: failed to find any PEM data in key input");
  const key = privateKeyOf(block) ?? fails("tls: failed to parse private key");
  const spki = key.publicKey.export({ format: "der", type: "spki" });
  if (!spki.equals(leaf.rawPublicKey)) return fails("tls: private key does not match public key");
  return dumpFields({
    Certificate: certificates.map(({ bytes }) => base64(bytes)),
    PrivateKey: dumpPrivateKey(key),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: dumpCertificate(leaf, false),
  });
}

function blocksOf(text: string, type: string): readonly PemBlock[] {
  if (text.startsWith(PEM_START)) return decodePem(text);
  const bytes = decodeBase64(text);
  const decoded = bytes.toString("latin1");
  return decoded.startsWith(PEM_START) ? decodePem(bytes.toString()) : [{ type, bytes, rest: "" }];
}

const PEM_START = "-----BEGIN ";
