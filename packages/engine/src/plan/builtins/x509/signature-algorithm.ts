import { constants, verify, type KeyObject } from "node:crypto";
import { attempt } from "../jwk.ts";
import { BuiltinFailure } from "../../run/builtin.ts";
import { Der, TAG } from "./der.ts";
import type { PublicKey } from "./public-key.ts";

/** A way of signing that Go knows. */
interface Algorithm {
  /** Go's number for it. */
  readonly id: number;
  readonly oid: string;
  readonly key: PublicKey["kind"];
  /** Undefined for Ed25519, which has its own. */
  readonly hash: string | undefined;
  readonly isPss?: boolean;
}

const PSS = "1.2.840.113549.1.1.10";

const ALGORITHMS: readonly Algorithm[] = [
  { id: 2, oid: "1.2.840.113549.1.1.4", key: "rsa", hash: "md5" },
  { id: 3, oid: "1.2.840.113549.1.1.5", key: "rsa", hash: "sha1" },
  { id: 3, oid: "1.3.14.3.2.29", key: "rsa", hash: "sha1" },
  { id: 4, oid: "1.2.840.113549.1.1.11", key: "rsa", hash: "sha256" },
  { id: 5, oid: "1.2.840.113549.1.1.12", key: "rsa", hash: "sha384" },
  { id: 6, oid: "1.2.840.113549.1.1.13", key: "rsa", hash: "sha512" },
  { id: 7, oid: "1.2.840.10040.4.3", key: "dsa", hash: "sha1" },
  { id: 8, oid: "2.16.840.1.101.3.4.3.2", key: "dsa", hash: "sha256" },
  { id: 9, oid: "1.2.840.10045.4.1", key: "ec", hash: "sha1" },
  { id: 10, oid: "1.2.840.10045.4.3.2", key: "ec", hash: "sha256" },
  { id: 11, oid: "1.2.840.10045.4.3.3", key: "ec", hash: "sha384" },
  { id: 12, oid: "1.2.840.10045.4.3.4", key: "ec", hash: "sha512" },
  { id: 13, oid: PSS, key: "rsa", hash: "sha256", isPss: true },
  { id: 14, oid: PSS, key: "rsa", hash: "sha384", isPss: true },
  { id: 15, oid: PSS, key: "rsa", hash: "sha512", isPss: true },
  { id: 16, oid: "1.3.101.112", key: "ed25519", hash: undefined },
];

const ED25519 = 16;

/** Go's number for the algorithm; 0 for one that it doesn't know. */
export function signatureAlgorithm(identifier: Buffer): number {
  const sequence = new Der(identifier);
  const oid = sequence.oid("malformed OID").join(".");
  const parameters = sequence.rest;
  if (!sequence.isEmpty) sequence.any("malformed parameters");
  const hash = oid === PSS ? pssHash(parameters) : undefined;
  const found = ALGORITHMS.find((algorithm) => algorithm.oid === oid && (oid !== PSS || algorithm.hash === hash));
  if (found === undefined || (found.id === ED25519 && parameters.length > 0)) return 0;
  return found.id;
}

const HASHES: ReadonlyMap<string, { readonly name: string; readonly bytes: bigint }> = new Map([
  ["2.16.840.1.101.3.4.2.1", { name: "sha256", bytes: 32n }],
  ["2.16.840.1.101.3.4.2.2", { name: "sha384", bytes: 48n }],
  ["2.16.840.1.101.3.4.2.3", { name: "sha512", bytes: 64n }],
]);
const MGF1 = "1.2.840.113549.1.1.8";

/** The hash of PSS parameters, when it is the mask's too, the salt is as long, and nothing else is out of the ordinary. */
function pssHash(parameters: Buffer): string | undefined {
  try {
    const sequence = new Der(parameters).inner(TAG.sequence, "pss");
    const oid = plainAlgorithm(sequence.inner(TAG.constructed, "pss").inner(TAG.sequence, "pss"));
    const mask = sequence.inner(TAG.constructed + 1, "pss").inner(TAG.sequence, "pss");
    if (mask.oid("pss").join(".") !== MGF1) return undefined;
    const maskOid = plainAlgorithm(mask.inner(TAG.sequence, "pss"));
    const saltLength = sequence.optional(TAG.constructed + 2, "pss")?.integer("pss") ?? 20n;
    const trailer = sequence.optional(TAG.constructed + 3, "pss")?.integer("pss") ?? 1n;
    const hash = HASHES.get(oid);
    return oid === maskOid && hash?.bytes === saltLength && trailer === 1n ? hash.name : undefined;
  } catch (reason) {
    if (!(reason instanceof BuiltinFailure)) throw reason;
    return undefined;
  }
}

/** An identifier without parameters, or with null. */
function plainAlgorithm(sequence: Der): string {
  const oid = sequence.oid("pss").join(".");
  return sequence.isEmpty || sequence.rest.equals(Buffer.from([TAG.null, 0])) ? oid : "";
}

/** What was signed, how, and by whom. */
export interface Signed {
  readonly data: Buffer;
  readonly signature: Buffer;
  /** Go's number for the algorithm. */
  readonly algorithm: number;
  readonly signer: PublicKey;
}

/** Whether a signature is right. Those by MD5 and SHA-1 never are. */
export function isSignatureValid({ data, signature, algorithm, signer }: Signed): boolean {
  const found = ALGORITHMS.find(({ id }) => id === algorithm);
  if (found === undefined || found.key !== signer.kind || found.hash === "md5" || found.hash === "sha1") return false;
  if (signer.kind === "unknown" || signer.kind === "dsa" || signer.key === undefined) return false;
  const key = found.isPss === true ? pssKey(signer.key) : signer.key;
  return attempt(() => verify(found.hash, data, key, signature)) ?? false;
}

function pssKey(key: KeyObject): Parameters<typeof verify>[2] {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
