import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { UncheckedBuiltin } from "../run/builtin.ts";
import type { Value } from "../values/value.ts";
import { bytesOfText } from "./bytes.ts";
import { stringOperand } from "./operands.ts";

/** Digests and message authentication codes. */
export const CRYPTO_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "crypto.md5": digest("md5"),
  "crypto.sha1": digest("sha1"),
  "crypto.sha256": digest("sha256"),
  "crypto.hmac.md5": mac("md5"),
  "crypto.hmac.sha1": mac("sha1"),
  "crypto.hmac.sha256": mac("sha256"),
  "crypto.hmac.sha512": mac("sha512"),
  "crypto.hmac.equal": (_, a: Value, b: Value) => {
    const [x, y] = [bytesOfText(stringOperand(a, 1)), bytesOfText(stringOperand(b, 2))];
    return x.length === y.length && timingSafeEqual(x, y);
  },
};

function digest(name: string): UncheckedBuiltin {
  return (_, text: Value) =>
    createHash(name)
      .update(bytesOfText(stringOperand(text, 1)))
      .digest("hex");
}

function mac(name: string): UncheckedBuiltin {
  return (_, text: Value, key: Value) => {
    const [message, secret] = [bytesOfText(stringOperand(text, 1)), bytesOfText(stringOperand(key, 2))];
    return createHmac(name, secret).update(message).digest("hex");
  };
}
