import { nkeys } from "@nats-io/transport-node";
import { createPrivateKey, sign } from "node:crypto";
import { SidecarError } from "../sidecar-error.ts";

/** An nkey that signs nonces. */
export interface SigningKey {
  /** As nats-server's configuration names it. */
  readonly publicKey: string;
  /** Signature over the nonce's bytes as they came, base64url without padding. */
  sign(nonce: string): string;
}

/**
 * Makes a key of an nkey seed. Node signs in a hundredth of the time that the nkeys library takes on the event loop, which counts when every client
 * connects again at once.
 *
 * @param seed - its text, without blanks around it.
 * @param file - where it came from, for the error; the seed itself is never told.
 * @throws SidecarError `secret.invalid`.
 */
export function createSigningKey(seed: string, file: string): SigningKey {
  try {
    // The library checks prefix and checksum.
    const publicKey = nkeys.fromSeed(Buffer.from(seed)).getPublicKey();
    const key = createPrivateKey({
      key: Buffer.concat([PKCS8_ED25519, rawSeed(seed)]),
      format: "der",
      type: "pkcs8",
    });
    if (publicKey.startsWith(CURVE_PREFIX)) throw new Error("a curve key signs nothing");
    return { publicKey, sign: (nonce) => sign(null, Buffer.from(nonce), key).toString("base64url") };
  } catch (cause) {
    throw new SidecarError("secret.invalid", `${file}: not an nkey seed that can sign`, { cause });
  }
}

const CURVE_PREFIX = "X";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SEED_PREFIX_BYTES = 2;
const SEED_BYTES = 32;

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key. */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The 32 bytes behind a seed's prefix. */
function rawSeed(seed: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let bitCount = 0;
  for (const letter of seed) {
    bits = ((bits << 5) | BASE32.indexOf(letter)) & 0xfff;
    bitCount += 5;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes.push((bits >> bitCount) & 0xff);
  }
  return Buffer.from(bytes.slice(SEED_PREFIX_BYTES, SEED_PREFIX_BYTES + SEED_BYTES));
}
