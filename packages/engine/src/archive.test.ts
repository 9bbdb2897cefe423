import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArchive, writeArchive, type BundleFiles } from "./archive.ts";
import { EngineError } from "./errors.ts";
import { gunzip, gzip } from "./gzip.ts";
import { BLOCK_BYTES, decodeHeader, encodeHeader } from "./tar-header.ts";

const segment = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/).filter((text) => text !== "." && text !== "..");
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join("/"));
const files = fc
  .uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 2000 })), { maxLength: 8, selector: ([name]) => name })
  .filter((entries) => entries.every(([a]) => entries.every(([b]) => a === b || !b.startsWith(`${a}/`))))
  .map((entries): BundleFiles => new Map(entries));

/** A tar of raw headers and contents, gzipped. */
function archiveOf(...entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  return gzip(Buffer.concat([...entries.flatMap(padded), new Uint8Array(2 * BLOCK_BYTES)]));
}

function padded([header, content]: readonly [Uint8Array, Uint8Array]): readonly Uint8Array[] {
  return [header, content, new Uint8Array((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES)];
}

const EMPTY = new Uint8Array();

/** A header with some bytes replaced and its checksum made right again. */
function header(changes: readonly (readonly [number, string])[] = [], sizeBytes = 0): Uint8Array {
  const block = Buffer.from(encodeHeader("a.rego", sizeBytes));
  for (const [at, text] of changes) {
    if (at === 0) block.fill(0, 0, 100);
    block.write(text, at, "latin1");
  }
  block.write("        ", 148, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (reason) {
    if (reason instanceof EngineError && reason.code === "bundle.archive") return reason.message;
    throw reason;
  }
  return "accepted";
}

describe("readArchive", () => {
  it("reads what writeArchive wrote, whatever the files", () => {
    fc.assert(
      fc.property(files, (given) => {
        const read = readArchive(writeArchive(given));
        expect([...read].map(([name, content]) => [name, [...content]])).toEqual(
          [...given].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, content]) => [name, [...content]]),
        );
      }),
    );
  });

  it("throws nothing but EngineError for arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        expect(refusal(() => readArchive(bytes))).not.toBe("");
        expect(refusal(() => readArchive(gzip(bytes)))).not.toBe("");
      }),
    );
  });

  it("throws nothing but EngineError for mutated archives, compressed and not", () => {
    fc.assert(
      fc.property(files, fc.tuple(fc.nat(), fc.nat({ max: 255 })), fc.boolean(), (given, [at, byte], inside) => {
        const archive = writeArchive(given);
        const bytes = inside ? Buffer.from(gunzip(archive, 2 ** 20)) : Buffer.from(archive);
        bytes[at % bytes.length] = byte;
        expect(refusal(() => readArchive(inside ? gzip(bytes) : bytes))).not.toBe("");
      }),
    );
  });

  it("refuses an archive cut anywhere", () => {
    const tar = gunzip(writeArchive(new Map([["a.rego", new Uint8Array(700).fill(65)]])), 2 ** 20);
    const archive = gzip(tar);
    for (let length = 0; length < archive.length; length++)
      expect(refusal(() => readArchive(archive.subarray(0, length)))).not.toBe("accepted");
    for (let length = 0; length < tar.length; length += 100)
      expect(refusal(() => readArchive(gzip(tar.subarray(0, length))))).not.toBe("accepted");
  });

  it.each([
    ["a path that climbs", [[0, "/../x\0"]], /climbs/],
    ["a path that climbs later", [[0, "/a/../b\0"]], /climbs/],
    ["an absolute path", [[0, "//etc/pw\0"]], /absolute/],
    ["a path with a dot segment", [[0, "./a.rego\0"]], /climbs/],
    ["a folder", [[156, "5"]], /not a regular file/],
    ["a symbolic link", [[156, "2"]], /not a regular file/],
    ["a hard link", [[156, "1"]], /not a regular file/],
    ["a character device", [[156, "3"]], /not a regular file/],
    ["a block device", [[156, "4"]], /not a regular file/],
    ["a FIFO", [[156, "6"]], /not a regular file/],
    ["an extended header", [[156, "x"]], /not a regular file/],
    ["a GNU long name", [[156, "L"]], /not a regular file/],
    ["a link name on a file", [[157, "target"]], /link name/],
    ["a backslash", [[0, "/a\\b\0"]], /plain ASCII/],
    ["a line break in a path", [[0, "/a\nb\0\0\0"]], /plain ASCII/],
    ["a name behind a name", [[0, "/a\0b\0\0\0\0"]], /behind its end/],
    ["an empty name", [[0, "\0\0\0\0\0\0\0"]], /plain ASCII/],
    ["GNU's magic", [[257, "ustar  \0"]], /not ustar/],
    ["a negative size", [[124, "-0000000001\0"]], /not octal/],
    ["a base-256 size", [[124, "\x80\0\0\0\0\0\0\0\0\0\0\x05"]], /not octal/],
    ["a size past the end", [[124, "00000010000\0"]], /truncated/],
    ["a size past the limit", [[124, "77777777777\0"]], /larger than/],
  ] as const)("refuses %s", (_, changes, message) => {
    expect(refusal(() => readArchive(archiveOf([header(changes), EMPTY])))).toMatch(message);
  });

  it("accepts the header that those cases change", () => {
    expect(refusal(() => readArchive(archiveOf([header(), EMPTY])))).toBe("accepted");
  });

  it("refuses a header whose checksum differs", () => {
    const block = Buffer.from(header());
    block[0] = 0x62;
    expect(refusal(() => readArchive(archiveOf([block, EMPTY])))).toMatch(/checksum/);
  });

  it("refuses a file that is there twice, with and without a slash, or differs only in case", () => {
    const twice = (name: string): string =>
      refusal(() => readArchive(archiveOf([header(), EMPTY], [header([[0, `${name}\0`]]), EMPTY])));
    expect(twice("/a.rego")).toMatch(/twice/);
    expect(twice("a.rego\0")).toMatch(/twice/);
    expect(twice("/A.rego")).toMatch(/case/);
  });

  it("refuses a file that lies under a file, in either order", () => {
    const below = header([[0, "/a.rego/b\0"]]);
    expect(refusal(() => readArchive(archiveOf([header(), EMPTY], [below, EMPTY])))).toMatch(/under a file/);
    expect(refusal(() => readArchive(archiveOf([below, EMPTY], [header(), EMPTY])))).toMatch(/twice/);
  });

  it("refuses padding and ends that are not zero", () => {
    const tar = Buffer.from(gunzip(archiveOf([header([], 1), Uint8Array.of(65)]), 2 ** 20));
    const padding = Buffer.from(tar);
    padding[BLOCK_BYTES + 5] = 1;
    expect(refusal(() => readArchive(gzip(padding)))).toMatch(/padding/);
    tar[tar.length - 1] = 1;
    expect(refusal(() => readArchive(gzip(tar)))).toMatch(/follow the end/);
  });

  it("refuses what inflates beyond the limit", () => {
    const bomb = new Uint8Array(2 * 1024 * 1024);
    expect(refusal(() => gunzip(gzip(bomb), 1024 * 1024))).toMatch(/at most 1048576 bytes/);
    const huge = gzipSync(Buffer.alloc(129 * 1024 * 1024));
    huge[9] = 0xff;
    expect(refusal(() => readArchive(huge))).toMatch(/at most/);
  });

  it("refuses a second member, bytes after the member, optional header fields and wrong trailers", () => {
    const archive = Buffer.from(writeArchive(new Map([["a.rego", Uint8Array.of(1)]])));
    expect(refusal(() => readArchive(Buffer.concat([archive, archive])))).not.toBe("accepted");
    expect(refusal(() => readArchive(Buffer.concat([archive, Buffer.from("x")])))).not.toBe("accepted");
    const named = Buffer.from(archive);
    named[3] = 8;
    expect(refusal(() => readArchive(named))).toMatch(/optional fields/);
    const flipped = Buffer.from(archive);
    flipped[flipped.length - 8] = (flipped[flipped.length - 8] ?? 0) ^ 1;
    expect(refusal(() => readArchive(flipped))).toMatch(/checksum/);
    const tar = gunzip(archive, 2 ** 20);
    const hidden = Buffer.concat([
      archive.subarray(0, 10),
      deflateRawSync(tar),
      Buffer.from("hidden"),
      Buffer.alloc(8),
    ]);
    hidden.writeUInt32LE(crc32(tar), hidden.length - 8);
    hidden.writeUInt32LE(tar.length, hidden.length - 4);
    expect(refusal(() => readArchive(hidden))).toMatch(/follow the compressed/);
  });

  it("refuses too many files", () => {
    const many = new Map(Array.from({ length: 4097 }, (_, i) => [`f${i}.rego`, EMPTY] as const));
    expect(refusal(() => writeArchive(many))).toMatch(/more than 4096 files/);
    const headers = [...many.keys()].map((name) => [encodeHeader(name, 0), EMPTY] as const);
    expect(refusal(() => readArchive(archiveOf(...headers)))).toMatch(/more than 4096 files/);
  });
});

describe("writeArchive", () => {
  it("gives the same bytes for the same files in any order", () => {
    const entries = [
      ["b/c.rego", Uint8Array.of(1)],
      ["a.rego", Uint8Array.of(2)],
    ] as const;
    expect(writeArchive(new Map(entries))).toEqual(writeArchive(new Map(entries.toReversed())));
  });

  it("refuses a path that can't be read back", () => {
    for (const name of ["", "/a", "../a", "a//b", "a/", "ä", "a b\u0000", `${"x".repeat(200)}`, "a/".repeat(17) + "b"])
      expect(refusal(() => writeArchive(new Map([[name, EMPTY]])))).not.toBe("accepted");
  });

  it("keeps long paths in a header's two parts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 99 }), (folder, name) => {
        const long = `${"d".repeat(folder)}/${"n".repeat(name)}`;
        expect(decodeHeader(encodeHeader(long, 7))).toEqual({ path: long, sizeBytes: 7 });
      }),
    );
  });
});
