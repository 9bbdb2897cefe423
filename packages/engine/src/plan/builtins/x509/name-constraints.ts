import { parseAddress } from "../ip-network.ts";
import { quote } from "../../values/rego-text.ts";
import { fails } from "../operands.ts";
import { isDomainName, uriDomain, type AlternativeNames } from "./alternative-names.ts";
import { Der, TAG } from "./der.ts";

/** Names of each kind that a constraint speaks of. Undefined where it speaks of none. */
export interface Subtrees {
  readonly dns: string[] | undefined;
  readonly emails: string[] | undefined;
  /** Address and mask, of the same length. */
  readonly ips: (readonly [Buffer, Buffer])[] | undefined;
  readonly uris: string[] | undefined;
}

/** What names an authority may vouch for. */
export interface NameConstraints {
  readonly isCritical: boolean;
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

const NO_SUBTREES: Subtrees = { dns: undefined, emails: undefined, ips: undefined, uris: undefined };
export const NO_CONSTRAINTS: NameConstraints = { isCritical: false, permitted: NO_SUBTREES, excluded: NO_SUBTREES };

const WHAT = "invalid NameConstraints extension";

export function parseNameConstraints(value: Buffer): {
  readonly constraints: NameConstraints;
  /** Whether there are names of a kind that isn't understood. */
  readonly isUnhandled: boolean;
} {
  const outer = new Der(value);
  const sequence = outer.inner(TAG.sequence, WHAT);
  const permitted = sequence.optional(TAG.constructed, WHAT);
  const excluded = sequence.optional(TAG.constructed + 1, WHAT);
  if (!outer.isEmpty || !sequence.isEmpty) fails(`x509: ${WHAT}`);
  if (permitted?.isEmpty !== false && excluded?.isEmpty !== false) fails("x509: empty name constraints extension");
  const [a, b] = [readSubtrees(permitted), readSubtrees(excluded)];
  const constraints = { isCritical: false, permitted: a.subtrees, excluded: b.subtrees };
  return { constraints, isUnhandled: a.isUnhandled || b.isUnhandled };
}

const NAME = { email: TAG.context + 1, dns: TAG.context + 2, uri: TAG.context + 6, ip: TAG.context + 7 } as const;

function readSubtrees(list: Der | undefined): { readonly subtrees: Subtrees; readonly isUnhandled: boolean } {
  const found: { -readonly [K in keyof Subtrees]: Subtrees[K] } = { ...NO_SUBTREES };
  let isUnhandled = false;
  while (list?.isEmpty === false) {
    const { tag, contents } = list.inner(TAG.sequence, WHAT).any(WHAT);
    if (tag === NAME.dns) (found.dns ??= []).push(domain(contents, "dnsName"));
    else if (tag === NAME.email) (found.emails ??= []).push(mailbox(contents));
    else if (tag === NAME.uri) (found.uris ??= []).push(domain(contents, "URI"));
    else if (tag === NAME.ip) (found.ips ??= []).push(network(contents));
    else isUnhandled = true;
  }
  return { subtrees: found, isUnhandled };
}

function domain(contents: Buffer, kind: string): string {
  const text = ascii(contents);
  if (!isDomainName(text, true) || (kind === "URI" && parseAddress(text) !== undefined)) {
    fails(`x509: failed to parse ${kind} constraint ${quote(text)}`);
  }
  return text;
}

function mailbox(contents: Buffer): string {
  const text = ascii(contents);
  const isValid = text.includes("@") ? splitMailbox(text) !== undefined : isDomainName(text, true);
  return isValid ? text : fails(`x509: failed to parse rfc822Name constraint ${quote(text)}`);
}

function network(contents: Buffer): readonly [Buffer, Buffer] {
  const half = contents.length / 2;
  if (half !== 4 && half !== 16) fails(`x509: IP constraint contained value of length ${contents.length}`);
  const [address, mask] = [contents.subarray(0, half), contents.subarray(half)];
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  if (!/^1*0*$/.test(bits)) fails(`x509: IP constraint contained invalid mask ${mask.toString("hex")}`);
  return [address, mask];
}

function ascii(contents: Buffer): string {
  if (contents.some((byte) => byte > 0x7f)) fails("x509: invalid constraint value");
  return contents.toString("latin1");
}

/** A mailbox without quotes; others are taken for none, which makes a chain with constraints invalid. */
function splitMailbox(text: string): readonly [local: string, domain: string] | undefined {
  const [, local = "", host = ""] = /^([\w!#$%&'*+\-/=?^`{|}~.]+)@([!-?A-~]+)$/.exec(text) ?? [];
  if (local === "" || /^\.|\.\.|\.$/.test(local) || !isDomainName(host, false)) return undefined;
  return [local, host.toLowerCase()];
}

/** Whether constraints let an authority vouch for all these names. */
export function allowsNames({ permitted, excluded }: NameConstraints, names: AlternativeNames): boolean {
  const emails = (names.emailAddresses ?? []).map(splitMailbox);
  const uris = (names.uris ?? []).map(uriDomain);
  const dns = names.dnsNames ?? [];
  // What can't be taken apart can't be shown to be allowed.
  if (emails.includes(undefined) || uris.includes(undefined)) return false;
  if (!dns.every((name) => isDomainName(name, false))) return false;
  return (
    (names.ipAddresses ?? []).every((ip) =>
      isAllowed(permitted.ips, excluded.ips, (range) => isInNetwork(range, ip)),
    ) &&
    dns.every(
      (name) =>
        isAllowed(permitted.dns, undefined, (suffix) => isBelow(suffix, name)) &&
        isAllowed(undefined, excluded.dns, (suffix) => isBelow(suffix, name) || couldBe(suffix, name)),
    ) &&
    uris.every((host) => isAllowed(permitted.uris, excluded.uris, (suffix) => isBelow(suffix, host ?? ""))) &&
    emails.every((email) => isAllowed(permitted.emails, excluded.emails, (pattern) => isMailboxOf(pattern, email)))
  );
}

function isAllowed<T>(
  permitted: readonly T[] | undefined,
  excluded: readonly T[] | undefined,
  matches: (constraint: T) => boolean,
): boolean {
  return (permitted === undefined || permitted.some(matches)) && excluded?.some(matches) !== true;
}

function isInNetwork([address, mask]: readonly [Buffer, Buffer], ip: Buffer): boolean {
  if (address.length !== ip.length) return false;
  return address.every((byte, index) => (byte & (mask[index] ?? 0)) === ((ip[index] ?? 0) & (mask[index] ?? 0)));
}

/** Whether a name is a constraint's, or below it; one that begins with a dot speaks of what is below only. */
function isBelow(suffix: string, name: string): boolean {
  const [a, b] = [suffix.toLowerCase(), name.toLowerCase()];
  if (!b.endsWith(a)) return false;
  return a === "" || a.startsWith(".") || a.length === b.length || b.charAt(b.length - a.length - 1) === ".";
}

/** Whether a wildcard stands for the excluded name among others. */
function couldBe(excluded: string, name: string): boolean {
  const dot = excluded.indexOf(".");
  return name.startsWith("*.") && dot >= 0 && name.slice(1).toLowerCase() === excluded.slice(dot).toLowerCase();
}

function isMailboxOf(pattern: string, mail: readonly [string, string] | undefined): boolean {
  if (mail === undefined) return false;
  if (!pattern.includes("@")) return isBelow(pattern, mail[1]);
  const other = splitMailbox(pattern);
  return other !== undefined && other[0] === mail[0] && other[1] === mail[1];
}
