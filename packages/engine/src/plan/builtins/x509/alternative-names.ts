import { parseAddress } from "../ip-network.ts";
import { parseGoUrl, UrlFailure, type GoUrl } from "../go-url.ts";
import { quote } from "../../values/rego-text.ts";
import { fails } from "../operands.ts";
import { Der, TAG } from "./der.ts";

/** Names that a certificate or a request has besides its subject. Undefined where it has none of a kind. */
export interface AlternativeNames {
  dnsNames: string[] | undefined;
  emailAddresses: string[] | undefined;
  /** 4 or 16 bytes. */
  ipAddresses: Buffer[] | undefined;
  uris: GoUrl[] | undefined;
}

const NAME = { email: TAG.context + 1, dns: TAG.context + 2, uri: TAG.context + 6, ip: TAG.context + 7 } as const;

export function parseAlternativeNames(value: Buffer): AlternativeNames {
  const names: AlternativeNames = {
    dnsNames: undefined,
    emailAddresses: undefined,
    ipAddresses: undefined,
    uris: undefined,
  };
  const list = new Der(value).inner(TAG.sequence, "invalid subject alternative names");
  while (!list.isEmpty) {
    const { tag, contents } = list.any("invalid subject alternative name");
    if (tag === NAME.email) (names.emailAddresses ??= []).push(asciiText(contents, "rfc822Name"));
    else if (tag === NAME.dns) (names.dnsNames ??= []).push(asciiText(contents, "dNSName"));
    else if (tag === NAME.uri) (names.uris ??= []).push(parseUri(asciiText(contents, "uniformResourceIdentifier")));
    else if (tag === NAME.ip) {
      if (contents.length !== 4 && contents.length !== 16) {
        fails(`x509: cannot parse IP address of length ${contents.length}`);
      }
      (names.ipAddresses ??= []).push(contents);
    }
  }
  return names;
}

function asciiText(contents: Buffer, kind: string): string {
  if (contents.some((byte) => byte > 0x7f)) fails(`x509: SAN ${kind} is malformed`);
  return contents.toString("latin1");
}

function parseUri(text: string): GoUrl {
  const url = urlOf(text);
  if (!isDomainName(url.host, false)) fails(`x509: cannot parse URI ${quote(text)}: invalid domain`);
  return url;
}

function urlOf(text: string): GoUrl {
  try {
    return parseGoUrl(text);
  } catch (reason) {
    if (!(reason instanceof UrlFailure)) throw reason;
    return fails(`x509: cannot parse URI ${quote(text)}: ${reason.message}`);
  }
}

/** Labels of visible characters; a constraint may begin with a dot. */
export function isDomainName(name: string, isConstraint: boolean): boolean {
  if (name === "") return true;
  const labels = isConstraint && name.startsWith(".") ? name.slice(1) : name;
  return /^[!-~]+$/.test(labels) && labels.split(".").every((label) => label !== "");
}

/** The domain of a URI's host, without its port; undefined for an address, which constraints can't speak of. */
export function uriDomain({ host }: GoUrl): string | undefined {
  const match = /^([^:[\]]+)(?::\d*)?$/.exec(host);
  const [, name] = match ?? [];
  return name === undefined || parseAddress(name) !== undefined ? undefined : name.toLowerCase();
}
