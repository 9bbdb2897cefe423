import { decodeJson, type JsonValue } from "@cortexos/protocol";
import type { BundleFiles } from "./archive.ts";
import { BUNDLE_PATHS } from "./bundle.ts";
import { EngineError, type EngineErrorCode } from "./errors.ts";
import { readChoice, readList, readMembers, readObject, readOptional, readText, rootField } from "./fields.ts";
import { hashFile } from "./file-hash.ts";
import { signWith, verifyWith, type SigningKey, type TrustedKey } from "./signing-key.ts";

/** Largest `.signatures.json`, in bytes. */
const SIGNATURES_BYTES_MAX: number = 4 * 1024 * 1024;

/**
 * Signs a bundle's files in OPA's form: one JWT over every file's name and hash.
 *
 * @param files - a signature among them is replaced.
 * @returns the files with `.signatures.json`.
 * @throws EngineError `engine.key` when the key is unusable.
 */
export function signBundle(files: BundleFiles, key: SigningKey): BundleFiles {
  const header = { alg: key.algorithm, kid: key.keyId, typ: "JWT" };
  const payload = {
    files: signedFiles(files).map(([name, content]) => ({ name, hash: hashFile(name, content), algorithm: HASH })),
    keyid: key.keyId,
    ...(key.scope === undefined ? {} : { scope: key.scope }),
  };
  const signed = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
  const token = `${signed}.${Buffer.from(signWith(key, signed)).toString("base64url")}`;
  const document = Buffer.from(JSON.stringify({ signatures: [token] }));
  return new Map([...files, [BUNDLE_PATHS.signatures, document]]);
}

/**
 * Checks that one trusted key signed exactly these files, as OPA does and stricter: the header's algorithm must be the key's own, and no
 * file may be named twice.
 *
 * @returns the id of the key.
 * @throws EngineError `bundle.signature` for everything else: no signature, an unknown key, a missing, additional or changed file;
 * `engine.key` when a trusted key is unusable.
 */
export function verifyBundle(files: BundleFiles, trustedKeys: readonly TrustedKey[]): string {
  const document = files.get(BUNDLE_PATHS.signatures);
  if (document === undefined) throw refused("the bundle is not signed");
  const token = splitToken(readToken(document));
  const key = findKey(token, trustedKeys);
  if (!verifyWith(key, token.signed, token.signature)) throw refused(`the signature isn't one of key ${key.keyId}`);
  const payload = readMembers(rootField(CODE, "payload", token.payload), PAYLOAD_NAMES, CODE);
  if ((readOptional(payload("scope"), readText) ?? "") !== (key.scope ?? "")) throw refused("signed for another scope");
  const hashes = new Map<string, string>();
  readList(payload("files"), CODE, (item) => {
    const member = readMembers(item, ["name", "hash", "algorithm"], CODE);
    const name = readText(member("name"));
    if (hashes.has(name)) member("name").fail("a file that isn't named before");
    if (readText(member("algorithm")) !== HASH) member("algorithm").fail(HASH);
    hashes.set(name, readText(member("hash")));
  });
  compareFiles(files, hashes);
  return key.keyId;
}

const CODE: EngineErrorCode = "bundle.signature";
const HASH = "SHA-256";
const PAYLOAD_NAMES = ["files", "keyid", "scope", "iat", "iss"] as const;

interface Token {
  /** What the signature is over. */
  readonly signed: string;
  readonly header: JsonValue;
  readonly payload: JsonValue;
  readonly signature: Uint8Array;
}

function readToken(document: Uint8Array): string {
  if (document.length > SIGNATURES_BYTES_MAX) throw refused(`larger than ${SIGNATURES_BYTES_MAX} bytes`);
  const member = readMembers(
    rootField(CODE, "", decode(document, BUNDLE_PATHS.signatures)),
    ["signatures", "plugin"],
    CODE,
  );
  readOptional(member("plugin"), (field) => readChoice(field, ["_default"]));
  const tokens = readList(member("signatures"), CODE, readText);
  const [token] = tokens;
  if (token === undefined || tokens.length !== 1) throw refused("there must be exactly one signature");
  return token;
}

function splitToken(token: string): Token {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    throw refused("not a compact JWT");
  return {
    signed: `${header}.${payload}`,
    header: decode(decodeBase64(header), "header"),
    payload: decode(decodeBase64(payload), "payload"),
    signature: decodeBase64(signature),
  };
}

/** The key that the token names, and only for the key's own algorithm. */
function findKey(token: Token, trustedKeys: readonly TrustedKey[]): TrustedKey {
  const header = readMembers(rootField(CODE, "header", token.header), ["alg", "kid", "typ"], CODE);
  const algorithm = readText(header("alg"));
  const claims = readObject(rootField(CODE, "payload", token.payload));
  // `opa sign` names the key in the payload, where claims are signed as well; the header's word comes first there too.
  const claimed = rootField(CODE, "payload.keyid", Object.hasOwn(claims, "keyid") ? claims["keyid"] : undefined);
  const keyId = readOptional(header("kid"), readText) ?? readText(claimed);
  const found = trustedKeys.filter((key) => key.keyId === keyId);
  const [key] = found;
  if (key === undefined) throw refused(`no trusted key has the id ${JSON.stringify(keyId.slice(0, 64))}`);
  if (found.length > 1) throw new EngineError("engine.key", `key ${keyId}: there twice`);
  if (algorithm !== key.algorithm) throw refused(`the signature's algorithm isn't ${key.algorithm}`);
  return key;
}

function compareFiles(files: BundleFiles, hashes: ReadonlyMap<string, string>): void {
  const present = signedFiles(files);
  for (const [path, content] of present) {
    const expected = hashes.get(path);
    if (expected === undefined) throw refused(`${path}: not in the signature`);
    if (expected !== hashFile(path, content)) throw refused(`${path}: changed after it was signed`);
  }
  for (const path of hashes.keys()) if (!files.has(path)) throw refused(`${path}: signed but missing`);
  if (present.length !== hashes.size) throw refused("the signature names other files");
}

function signedFiles(files: BundleFiles): (readonly [string, Uint8Array])[] {
  return [...files].filter(([path]) => path !== BUNDLE_PATHS.signatures).sort(([a], [b]) => (a < b ? -1 : 1));
}

function decode(bytes: Uint8Array, what: string): JsonValue {
  const decoding = decodeJson(bytes);
  if (!decoding.ok) throw refused(`${what}: ${decoding.reason}`);
  return decoding.value;
}

function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  // node:buffer reads other alphabets, padding and rubbish too; only the one spelling of these bytes is right.
  if (bytes.toString("base64url") !== text) throw refused("not base64url");
  return bytes;
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

function refused(message: string): EngineError {
  return new EngineError(CODE, message);
}
