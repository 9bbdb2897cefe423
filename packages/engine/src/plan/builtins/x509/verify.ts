import { parseAddress } from "../ip-network.ts";
import type { Certificate } from "./certificate.ts";
import { allowsNames } from "./name-constraints.ts";
import { isSignatureValid } from "./signature-algorithm.ts";

/** What a chain must hold up to. */
export interface VerifyOptions {
  /** Empty for any name. */
  readonly dnsName: string;
  readonly nowMs: number;
  /** Go's numbers; one of them must be allowed all along the chain. 0 is any. */
  readonly keyUsages: readonly number[];
}

/** Signatures that are checked for one verification; as in Go. */
const SIGNATURES_MAX = 100;

const ANY_USAGE = 0;

/**
 * A chain from the last certificate, the leaf, to the first one, the root, over those between; undefined when there is none that is
 * valid. What isn't understood, policy constraints among it, makes a chain invalid.
 */
export function verifyChain(
  certificates: readonly Certificate[],
  options: VerifyOptions,
): readonly Certificate[] | undefined {
  const [root, ...others] = certificates;
  const leaf = others.pop();
  if (root === undefined || leaf === undefined) return undefined;
  if (!isCurrent(leaf, options.nowMs)) return undefined;
  if (options.dnsName !== "" && !isNamed(leaf, options.dnsName)) return undefined;
  const chains = leaf.raw.equals(root.raw)
    ? [[leaf]]
    : buildChains([leaf], {
        roots: [root],
        intermediates: others,
        nowMs: options.nowMs,
        budget: { signatures: SIGNATURES_MAX },
      });
  return chains.find((chain) => isChainValid(chain, options.keyUsages));
}

interface Search {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly nowMs: number;
  readonly budget: { signatures: number };
}

type Chain = readonly Certificate[];

function buildChains(chain: Chain, search: Search): readonly Chain[] {
  const child = chain.at(-1);
  if (child === undefined) return [];
  const roots = parentsAmong(search.roots, child).filter((parent) => isParent(parent, chain, search));
  const found: Chain[] = roots.map((root) => [...chain, root]);
  for (const parent of parentsAmong(search.intermediates, child)) {
    if (search.budget.signatures <= 0) return found;
    if (!isParent(parent, chain, search) || !parent.basicConstraintsValid || !parent.isCA) continue;
    found.push(...buildChains([...chain, parent], search));
  }
  return found;
}

/** Certificates of the child's issuer, those with the key id that the child names first. */
function parentsAmong(certificates: readonly Certificate[], child: Certificate): readonly Certificate[] {
  const rank = ({ subjectKeyId }: Certificate): number => {
    const [a, b] = [subjectKeyId ?? Buffer.alloc(0), child.authorityKeyId ?? Buffer.alloc(0)];
    return a.equals(b) ? 0 : a.length === 0 || b.length === 0 ? 1 : 2;
  };
  return certificates.filter(({ rawSubject }) => rawSubject.equals(child.rawIssuer)).sort((a, b) => rank(a) - rank(b));
}

const CERT_SIGN = 1 << 5;

function isParent(parent: Certificate, chain: Chain, { nowMs, budget }: Search): boolean {
  const child = chain.at(-1);
  budget.signatures -= 1;
  if (child === undefined || budget.signatures < 0 || chain.some((other) => isSameSubject(other, parent))) return false;
  const { version, basicConstraintsValid, isCA, keyUsage, maxPathLen } = parent;
  if ((version === 3 && !basicConstraintsValid) || (basicConstraintsValid && !isCA)) return false;
  if (keyUsage !== 0 && (keyUsage & CERT_SIGN) === 0) return false;
  const { rawTbs: data, signature, signatureAlgorithm: algorithm } = child;
  if (!isSignatureValid({ data, signature, algorithm, signer: parent.publicKey })) return false;
  if (!isCurrent(parent, nowMs)) return false;
  return !basicConstraintsValid || maxPathLen < 0 || chain.length - 1 <= maxPathLen;
}

/** The same subject, key and names: a chain of these would go in circles. */
function isSameSubject(a: Certificate, b: Certificate): boolean {
  if (!a.rawSubject.equals(b.rawSubject) || !a.rawPublicKey.equals(b.rawPublicKey)) return false;
  const [x, y] = [a, b].map(({ extensions }) => extensions.find(({ id }) => id.join(".") === "2.5.29.17")?.value);
  return x === undefined || y === undefined ? x === y : x.equals(y);
}

function isCurrent({ unhandledCritical, notBefore, notAfter }: Certificate, nowMs: number): boolean {
  return unhandledCritical === undefined && nowMs >= notBefore.unixMs && nowMs <= notAfter.unixMs;
}

function isChainValid(chain: Chain, keyUsages: readonly number[]): boolean {
  // Policies matter only below an authority that asks for some, and are not worked out here.
  if (chain.slice(0, -1).some(({ requireExplicitPolicy }) => requireExplicitPolicy !== undefined)) return false;
  return allowsUsage(chain, keyUsages) && keepsConstraints(chain);
}

function allowsUsage(chain: Chain, keyUsages: readonly number[]): boolean {
  if (keyUsages.includes(ANY_USAGE)) return true;
  const allowed = ({ extKeyUsage, unknownExtKeyUsage }: Certificate, usage: number): boolean =>
    (extKeyUsage === undefined && unknownExtKeyUsage === undefined) ||
    extKeyUsage?.includes(ANY_USAGE) === true ||
    extKeyUsage?.includes(usage) === true;
  return keyUsages.some((usage) => chain.every((certificate) => allowed(certificate, usage)));
}

/** Every certificate's names against the constraints of all authorities above it. */
function keepsConstraints(chain: Chain): boolean {
  return chain.every((certificate, index) => {
    const hasNames = certificate.extensions.some(({ id }) => id.join(".") === "2.5.29.17");
    const above = chain
      .slice(index + 1)
      .filter(({ extensions }) => extensions.some(({ id }) => id.join(".") === "2.5.29.30"));
    return !hasNames || above.every(({ constraints }) => allowsNames(constraints, certificate));
  });
}

/** Go's `VerifyHostname`: the subject's common name doesn't count. */
function isNamed({ ipAddresses, dnsNames }: Certificate, name: string): boolean {
  const address = parseAddress(/^\[.+\]$/.test(name) ? name.slice(1, -1) : name);
  if (address !== undefined)
    return (ipAddresses ?? []).some((bytes) => addressOf(bytes) === `${address.bits}/${address.value}`);
  const host = name.toLowerCase();
  const isPlain = isHostname(host.replace(/\.$/, ""), false);
  return (dnsNames ?? []).some((pattern) => {
    const lower = pattern.toLowerCase();
    if (isPlain && isHostname(pattern, true)) return matchesHost(lower, host.replace(/\.$/, ""));
    return lower !== "" && lower !== "." && lower === host;
  });
}

function addressOf(bytes: Buffer): string {
  const value = BigInt(`0x${bytes.toString("hex")}`);
  const isIpv4 = bytes.length === 4 || value >> 32n === 0xffffn;
  return isIpv4 ? `32/${value & 0xffffffffn}` : `128/${value}`;
}

function isHostname(host: string, isPattern: boolean): boolean {
  const labels = isPattern && host.startsWith("*.") ? host.slice(2) : host;
  return /^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)*$/i.test(labels);
}

function matchesHost(pattern: string, host: string): boolean {
  const [a, b] = [pattern.split("."), host.split(".")];
  return a.length === b.length && a.every((label, index) => label === b[index] || (index === 0 && label === "*"));
}
