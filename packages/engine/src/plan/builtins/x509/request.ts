import { fails } from "../operands.ts";
import { BuiltinFailure } from "../../run/builtin.ts";
import { numberFromBigInt } from "../../values/number.ts";
import { RegoObject } from "../../values/object.ts";
import type { Value } from "../../values/value.ts";
import { parseAlternativeNames, type AlternativeNames } from "./alternative-names.ts";
import { readExtensions, type Extension } from "./certificate.ts";
import { Der, TAG, type Element } from "./der.ts";
import { base64, dumpExtension, dumpFields, dumpKey, dumpName, dumpNames, numbers, orNull } from "./dump.ts";
import { parseName } from "./name.ts";
import { parsePublicKey } from "./public-key.ts";
import { signatureAlgorithm } from "./signature-algorithm.ts";

/** A certificate signing request as Go's JSON shows it. */
export function dumpRequest(bytes: Buffer): Value {
  const reader = new Der(bytes);
  const { whole, contents } = reader.element(TAG.sequence, MALFORMED);
  if (!reader.isEmpty) fails("asn1: syntax error: trailing data");
  const outer = new Der(contents);
  const { whole: rawTbs, contents: tbsContents } = outer.element(TAG.sequence, MALFORMED);
  const tbs = new Der(tbsContents);
  const version = tbs.integer(MALFORMED);
  const rawSubject = tbs.element(TAG.sequence, MALFORMED).whole;
  const rawKey = tbs.element(TAG.sequence, MALFORMED).whole;
  const attributes = tbs.optional(TAG.constructed, MALFORMED);
  const algorithm = outer.read(TAG.sequence, MALFORMED);
  const signature = outer.bits(MALFORMED).bytes;
  const { shown, extensions } = readAttributes(attributes);
  return dumpFields({
    Raw: base64(whole),
    RawTBSCertificateRequest: base64(rawTbs),
    RawSubjectPublicKeyInfo: base64(rawKey),
    RawSubject: base64(rawSubject),
    Version: numberFromBigInt(version),
    Signature: base64(signature),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    ...dumpKey(parsePublicKey(rawKey)),
    Subject: dumpName(parseName(rawSubject)),
    Attributes: orNull(shown.length === 0 ? undefined : shown),
    Extensions: orNull(extensions.length === 0 ? undefined : extensions.map(dumpExtension)),
    ExtraExtensions: null,
    ...dumpNames(namesOf(extensions)),
  });
}

const MALFORMED = "asn1: structure error: malformed certificate request";

const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const ALTERNATIVE_NAMES = "2.5.29.17";
const NO_NAMES: AlternativeNames = {
  dnsNames: undefined,
  emailAddresses: undefined,
  ipAddresses: undefined,
  uris: undefined,
};

function namesOf(extensions: readonly Extension[]): AlternativeNames {
  const found = extensions.find(({ id }) => id.join(".") === ALTERNATIVE_NAMES);
  return found === undefined ? NO_NAMES : parseAlternativeNames(found.value);
}

interface Attributes {
  readonly shown: Value[];
  readonly extensions: readonly Extension[];
}

/** Attributes that are sets of lists of pairs; others aren't shown. */
function readAttributes(list: Der | undefined): Attributes {
  const shown: Value[] = [];
  const extensions: Extension[] = [];
  while (list?.isEmpty === false) {
    const attribute = list.inner(TAG.sequence, MALFORMED);
    const type = attribute.oid(MALFORMED);
    const values = attribute.read(TAG.set, MALFORMED);
    const lists = listsOfPairs(values);
    if (lists !== undefined) shown.push(dumpFields({ Type: numbers(type), Value: lists }));
    if (type.join(".") === EXTENSION_REQUEST)
      extensions.push(...readExtensions(new Der(values).inner(TAG.sequence, MALFORMED)));
  }
  return { shown, extensions };
}

function listsOfPairs(set: Buffer): Value[] | undefined {
  try {
    const outer = new Der(set);
    const lists: Value[] = [];
    while (!outer.isEmpty) {
      const list = outer.inner(TAG.sequence, MALFORMED);
      const pairs: Value[] = [];
      while (!list.isEmpty) {
        const pair = list.inner(TAG.sequence, MALFORMED);
        pairs.push(dumpFields({ Type: numbers(pair.oid(MALFORMED)), Value: dumpAny(pair.any(MALFORMED)) }));
      }
      lists.push(pairs);
    }
    return lists;
  } catch (reason) {
    if (!(reason instanceof BuiltinFailure)) throw reason;
    return undefined;
  }
}

/** A value of any type, as Go decodes it. */
function dumpAny({ tag, contents, whole }: Element): Value {
  switch (tag) {
    case TAG.boolean:
      return contents[0] !== 0;
    case TAG.integer:
      return numberFromBigInt(new Der(whole).integer(MALFORMED));
    case TAG.octetString:
      return base64(contents);
    case TAG.oid:
      return numbers(new Der(whole).oid(MALFORMED));
    case TAG.utf8:
    case TAG.printable:
    case TAG.ia5:
    case TAG.t61:
      return contents.toString("utf8");
    case TAG.bitString: {
      const { bytes, unused } = new Der(whole).bits(MALFORMED);
      return RegoObject.of([
        ["Bytes", base64(bytes)],
        ["BitLength", bytes.length * 8 - unused],
      ]);
    }
    default:
      return null;
  }
}
