import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { createCertificateAuthority } from "./certificates.ts";

it("issues certificates for their names, which its own certificate and no other vouches for", () => {
  const authority = createCertificateAuthority();
  const { certificatePem, keyPem } = authority.issue("localhost", "127.0.0.1");
  const certificate = new X509Certificate(certificatePem);
  const issuer = new X509Certificate(authority.certificatePem);
  expect(issuer.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true);
  expect(certificate.verify(new X509Certificate(createCertificateAuthority().certificatePem).publicKey)).toBe(false);
  expect([certificate.checkHost("localhost"), certificate.checkIP("127.0.0.1")]).toEqual(["localhost", "127.0.0.1"]);
  expect(certificate.checkHost("example.com")).toBeUndefined();
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
  const workload = new X509Certificate(authority.issue("spiffe://acme/agent", "a.acme").certificatePem);
  expect(workload.subjectAltName).toBe("URI:spiffe://acme/agent, DNS:a.acme");
  expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});
