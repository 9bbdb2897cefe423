import { inflateRawSync } from "node:zlib";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const ENTRY_CONTENT_BYTES_MAX = 256 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip archive (a wheel is one), read by its central directory. No zip64, no encryption.
 *
 * @param {Buffer} archive
 * @returns {{ name: string, read: () => Buffer }[]}
 * @throws Error on anything that is not such an archive, or a name that would leave the folder it is written to.
 */
export function listZip(archive) {
  const end = findEnd(archive);
  const entryCount = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const entries = [];
  for (let i = 0; i < entryCount; i++) {
    if (archive.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error("zip archive is damaged");
    const nameBytes = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    if (!name.endsWith("/")) entries.push(entryAt(archive, at, safeName(name)));
    at += ENTRY_BYTES + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(archive) {
  const lowest = Math.max(0, archive.length - END_BYTES - COMMENT_BYTES_MAX);
  for (let at = archive.length - END_BYTES; at >= lowest; at--) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw new Error("not a zip archive");
}

/** @param {string} name */
function safeName(name) {
  const parts = name.split("/");
  if (name.includes("\\") || name.includes(":") || parts.includes("..") || parts.includes("")) {
    throw new Error(`zip archive names a file outside its folder: ${JSON.stringify(name)}`);
  }
  return name;
}

function entryAt(archive, at, name) {
  const method = archive.readUInt16LE(at + 10);
  const packedBytes = archive.readUInt32LE(at + 20);
  const contentBytes = archive.readUInt32LE(at + 24);
  const local = archive.readUInt32LE(at + 42);
  return { name, read: () => readEntry(archive, { name, method, packedBytes, contentBytes, local }) };
}

function readEntry(archive, { name, method, packedBytes, contentBytes, local }) {
  if (archive.readUInt32LE(local) !== LOCAL_SIGNATURE) throw new Error("zip archive is damaged");
  const start = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (contentBytes > ENTRY_CONTENT_BYTES_MAX) throw new Error(`zip entry is too large: ${name}`);
  const content = unpack(packed, method, contentBytes);
  if (content.length !== contentBytes) throw new Error(`zip entry has the wrong size: ${name}`);
  return content;
}

function unpack(packed, method, contentBytes) {
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed, { maxOutputLength: Math.max(contentBytes, 1) });
  throw new Error(`zip method ${method} is not known`);
}
