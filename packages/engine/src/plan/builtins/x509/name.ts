import { fails } from "../operands.ts";
import { Der, TAG, type Element } from "./der.ts";

export interface NameAttribute {
  readonly type: readonly number[];
  readonly value: string;
}

/** A distinguished name. */
export interface Name {
  /** In the order of the certificate. */
  readonly attributes: readonly NameAttribute[];
}

export function parseName(raw: Buffer): Name {
  const attributes: NameAttribute[] = [];
  const sets = new Der(raw).inner(TAG.sequence, "invalid RDNSequence");
  while (!sets.isEmpty) {
    const set = sets.inner(TAG.set, "invalid RDNSequence");
    while (!set.isEmpty) {
      const pair = set.inner(TAG.sequence, "invalid RDNSequence: invalid attribute");
      const type = pair.oid("invalid RDNSequence: invalid attribute type");
      attributes.push({ type, value: textOf(pair.any("invalid RDNSequence: invalid attribute value")) });
    }
  }
  return { attributes };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of any of ASN.1's kinds of texts. */
function textOf({ tag, contents }: Element): string {
  switch (tag) {
    case TAG.t61:
      return contents.toString("latin1");
    case TAG.utf8:
      try {
        return utf8.decode(contents);
      } catch {
        return invalid("invalid UTF-8 string");
      }
    case TAG.bmp:
      return bmpText(contents);
    case TAG.printable:
      return checked(contents, /^[A-Za-z0-9 '()+,\-./:=?*&]*$/, "invalid PrintableString");
    case TAG.ia5:
      return checked(contents, /^[\x00-\x7f]*$/, "invalid IA5String"); // oxlint-disable-line no-control-regex -- ASCII is what is meant
    case TAG.numeric:
      return checked(contents, /^[0-9 ]*$/, "invalid NumericString");
    default:
      return invalid(`unsupported string type: ${tag}`);
  }
}

function checked(contents: Buffer, allowed: RegExp, fault: string): string {
  const text = contents.toString("latin1");
  return allowed.test(text) ? text : invalid(fault);
}

/** UCS-2, without what UTF-16 has more. */
function bmpText(contents: Buffer): string {
  if (contents.length % 2 !== 0) invalid("invalid BMPString");
  const text = Buffer.from(contents).swap16().toString("utf16le").replace(/\0$/, "");
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text) ? invalid("invalid BMPString") : text;
}

function invalid(fault: string): never {
  return fails(`x509: invalid RDNSequence: invalid attribute value: ${fault}`);
}
