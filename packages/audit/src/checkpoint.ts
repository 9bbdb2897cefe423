import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { AuditError } from "./audit-error.ts";
import { writerToken } from "./batch-seal.ts";

/** What a checkpoint says: so many batches, with this root, are the whole of one epoch of one writer so far. */
export interface Checkpoint {
  readonly writer: string;
  readonly epoch: number;
  /** Batches of the epoch. */
  readonly size: number;
  /** Root of their Merkle tree: 32 bytes. */
  readonly root: Uint8Array;
  /** Nanoseconds since 1970, as a decimal string. */
  readonly atNs: string;
}

/** A signed checkpoint, read; its signatures are not checked yet. */
export interface SignedCheckpoint extends Checkpoint {
  /** What is signed, to the last line feed. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly blob: Uint8Array }[];
}

/** Signs checkpoints as one named key. */
export interface CheckpointSigner {
  readonly name: string;
  /** The signed note (C2SP signed-note, tlog-checkpoint). */
  sign(checkpoint: Checkpoint): string;
}

/** Who may have signed checkpoints. */
export interface CheckpointKey {
  readonly name: string;
  /** Whether one of the signatures is this key's over the text. */
  hasSigned(checkpoint: SignedCheckpoint): boolean;
}

/**
 * Reads an Ed25519 private key as one that signs checkpoints.
 *
 * @param name - of the key, in its signatures; for example `sidecar-1.example.org`.
 * @throws AuditError `audit.key`, `audit.name`.
 */
export function createCheckpointSigner(privateKeyPem: string, name: string): CheckpointSigner {
  const key = loadKey(() => createPrivateKey(privateKeyPem), "no private key in PEM");
  const id = keyId(createPublicKey(key), checkName(name));
  return {
    name,
    sign: (checkpoint) => {
      const text = checkpointText(checkpoint);
      const signature = sign(undefined, Buffer.from(text), key);
      return `${text}\n${SIGNATURE_START}${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
    },
  };
}

/**
 * Reads an Ed25519 public key as one whose checkpoints are believed.
 *
 * @throws AuditError `audit.key`, `audit.name`.
 */
export function readCheckpointKey(publicKeyPem: string, name: string): CheckpointKey {
  if (publicKeyPem.includes("PRIVATE KEY")) throw new AuditError("audit.key", "a private key; give the public one");
  const key = loadKey(() => createPublicKey(publicKeyPem), "no public key in PEM");
  const id = keyId(key, checkName(name));
  return {
    name,
    hasSigned: ({ signatures, text }) =>
      signatures.some(
        ({ blob, name: by }) =>
          by === name &&
          blob.length === id.length + SIGNATURE_BYTES &&
          id.equals(blob.subarray(0, id.length)) &&
          verify(undefined, Buffer.from(text), key, blob.subarray(id.length)),
      ),
  };
}

/** Reads a signed note as a checkpoint; `undefined` when it is none. */
export function readCheckpoint(note: string): SignedCheckpoint | undefined {
  const end = note.indexOf("\n\n");
  if (end === -1 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, end + 1);
  const parts = TEXT.exec(text)?.groups;
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map(readSignature);
  if (parts === undefined) return undefined;
  const { at = "", epoch, root = "", size, writer = "" } = parts;
  const name = decodeName(writer);
  const bytes = Buffer.from(root, "base64");
  const known = signatures.flatMap((signature) => (signature === undefined ? [] : [signature]));
  if (name === undefined || known.length !== signatures.length || bytes.length !== ROOT_BYTES) return undefined;
  return { writer: name, epoch: Number(epoch), size: Number(size), root: bytes, atNs: at, text, signatures: known };
}

/** Splits what was written to a file, one note after the other. */
export function splitCheckpoints(notes: string): readonly string[] {
  return notes.split(/(?<=\n)(?=cortexos\.audit\/)/);
}

const NAME = /^[A-Za-z0-9_.-]{1,256}$/;
const TEXT =
  /^cortexos\.audit\/(?<writer>[A-Za-z0-9_%-]{1,768})\/(?<epoch>\d{1,15})\n(?<size>\d{1,15})\n(?<root>[A-Za-z0-9+/]{43}=)\nat (?<at>\d{1,19})\n$/;
const SIGNATURE_START = "\u2014 ";
const SIGNATURE = /^\u2014 (?<name>[^ +]{1,256}) (?<blob>[A-Za-z0-9+/]+={0,2})$/;
const SIGNATURE_BYTES = 64;
const ROOT_BYTES = 32;
const KEY_ID_BYTES = 4;
/** Signature type of Ed25519 in a signed note. */
const ED25519 = Buffer.from([0x0a, 0x01]);
/** SPKI of Ed25519 ends in the key itself. */
const RAW_KEY_BYTES = 32;

function checkpointText({ atNs, epoch, root, size, writer }: Checkpoint): string {
  return `cortexos.audit/${writerToken(writer)}/${epoch}\n${size}\n${Buffer.from(root).toString("base64")}\nat ${atNs}\n`;
}

function decodeName(token: string): string | undefined {
  try {
    return decodeURIComponent(token);
  } catch {
    return undefined;
  }
}

function readSignature(line: string): SignedCheckpoint["signatures"][number] | undefined {
  const { blob, name } = SIGNATURE.exec(line)?.groups ?? {};
  return blob === undefined || name === undefined ? undefined : { name, blob: Buffer.from(blob, "base64") };
}

function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new AuditError("audit.name", `can't be the name of a key: \`${name.slice(0, 64)}\``);
}

function loadKey(load: () => KeyObject, otherwise: string): KeyObject {
  let key: KeyObject;
  try {
    key = load();
  } catch (cause) {
    throw new AuditError("audit.key", otherwise, { cause });
  }
  if (key.asymmetricKeyType !== "ed25519") throw new AuditError("audit.key", "not an Ed25519 key");
  return key;
}

function keyId(key: KeyObject, name: string): Buffer {
  const raw = key.export({ format: "der", type: "spki" }).subarray(-RAW_KEY_BYTES);
  return createHash("sha256").update(name).update(ED25519).update(raw).digest().subarray(0, KEY_ID_BYTES);
}
