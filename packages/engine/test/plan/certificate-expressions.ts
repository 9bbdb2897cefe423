import { CERTIFICATES } from "./certificates.ts";

const { root, constrainedRoot, intermediate, leaf, constrainedLeaf, excludedLeaf, clientLeaf } = CERTIFICATES;

const CHAINS = [
  root + intermediate + leaf,
  root + leaf,
  intermediate + leaf,
  leaf + intermediate + root,
  root + clientLeaf,
  constrainedRoot + constrainedLeaf,
  constrainedRoot + excludedLeaf,
  root,
  "junk",
];

// A time at which they are valid.
const TIME = 1_800_000_000_000_000_000n;

const OPTIONS = [
  "",
  '"DNSName": "a.example.com"',
  '"DNSName": "b.w.example.com"',
  '"DNSName": "w.example.com"',
  '"DNSName": "[10.1.2.3]"',
  '"KeyUsages": ["KeyUsageClientAuth"]',
  '"KeyUsages": {"KeyUsageAny"}',
  '"KeyUsages": ["Nope"]',
  '"CurrentTime": 1',
  '"Other": 1',
];

/** Expressions for {@link EXPRESSIONS}. */
export const CERTIFICATE_EXPRESSIONS: readonly string[] = [
  ...Object.values(CERTIFICATES).flatMap((pem) =>
    [
      "x509.parse_certificates",
      "x509.parse_certificate_request",
      "x509.parse_rsa_private_key",
      "parse_private_keys",
    ].map((name) => `crypto.${name}(${JSON.stringify(pem)})`),
  ),
  `crypto.x509.parse_certificates(${JSON.stringify(root + intermediate)})`,
  `crypto.x509.parse_certificates(${JSON.stringify(Buffer.from(root).toString("base64"))})`,
  `crypto.x509.parse_certificates(${JSON.stringify(root.replace(/-----.*-----|\n/g, ""))})`,
  `crypto.x509.parse_certificates(${JSON.stringify(root.replace(/-----.*-----|\n/g, "").slice(0, 200))})`,
  ...CHAINS.flatMap((chain) => OPTIONS.map((options) => verify(chain, options))),
  pair(CERTIFICATES.keyCertificate, CERTIFICATES.key),
  pair(CERTIFICATES.ed25519, CERTIFICATES.ed25519Key),
  pair(CERTIFICATES.ed25519, CERTIFICATES.key),
];

function verify(chain: string, options: string): string {
  const time = options.includes("CurrentTime") ? "" : `"CurrentTime": ${TIME}`;
  const all = [time, options].filter((text) => text !== "").join(", ");
  return `crypto.x509.parse_and_verify_certificates_with_options(${JSON.stringify(chain)}, {${all}})`;
}

function pair(certificate: string, key: string): string {
  return `crypto.x509.parse_keypair(${JSON.stringify(certificate)}, ${JSON.stringify(key)})`;
}
