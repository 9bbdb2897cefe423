import { expect, it } from "vitest";
import { BuiltinFailure, type BuiltinContext } from "../../src/plan/run/builtin.ts";
import { CERTIFICATE_BUILTINS } from "../../src/plan/builtins/certificates.ts";
import { parseCertificates } from "../../src/plan/builtins/x509/certificate.ts";
import { verifyChain } from "../../src/plan/builtins/x509/verify.ts";
import { CERTIFICATES } from "./certificates.ts";
import { decodePem } from "../../src/plan/builtins/pem.ts";

const bytesOf = (...pems: readonly string[]): Buffer =>
  Buffer.concat(pems.flatMap((pem) => decodePem(pem).map(({ bytes }) => bytes)));
const nowMs = Date.UTC(2028, 0, 1);
const options = { dnsName: "", keyUsages: [1], nowMs };
const { root, intermediate, leaf } = CERTIFICATES;

it("finds a chain from leaf to root, and none when any byte of it has been changed", () => {
  const chain = bytesOf(root, intermediate, leaf);
  expect(verifyChain(parseCertificates(chain), options)).toHaveLength(3);
  // Every byte of the leaf, which its issuer has signed or which is the signature.
  for (let at = bytesOf(root, intermediate).length; at < chain.length; at += 1) {
    const changed = Buffer.from(chain);
    changed[at] = (changed[at] ?? 0) ^ 1;
    let found: unknown;
    try {
      found = verifyChain(parseCertificates(changed), options);
    } catch (reason) {
      found = reason instanceof BuiltinFailure ? undefined : reason;
    }
    expect({ at, found }).toEqual({ at, found: undefined });
  }
});

it("needs the clock only where no time is given", () => {
  const context: BuiltinContext = { nowNs: undefined, charge: () => undefined };
  const verify = CERTIFICATE_BUILTINS["crypto.x509.parse_and_verify_certificates"];
  expect(() => verify?.(context, root + intermediate + leaf)).toThrow(BuiltinFailure);
  const at = { ...context, nowNs: BigInt(nowMs) * 1_000_000n };
  expect(verify?.(at, root + intermediate + leaf)).toMatchObject([true, [{}, {}, {}]]);
});
