import { crc32, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listZip } from "./zip.mjs";

/** The smallest writer that makes what the reader must read. */
function makeZip(files, { deflate = true } = {}) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const [name, content] of files) {
    const nameBytes = Buffer.from(name);
    const packed = deflate ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(crc32?.(content) ?? 0, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const body = Buffer.concat([Buffer.from("PK\x03\x04"), fields, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, tail, nameBytes]));
    bodies.push(body);
    offset += body.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

describe("listZip", () => {
  it.each([true, false])("reads back every file, deflated: %j", (deflate) => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,2}$/);
    const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, content), { maxLength: 5 }), (files) => {
        const read = listZip(makeZip(files, { deflate })).map((entry) => [entry.name, entry.read()]);
        expect(read).toEqual(files);
      }),
    );
  });

  it.each(["../x", "a/../../x", "/etc/x", "a\\..\\x", "C:/x"])("refuses the name %j", (name) => {
    expect(() => listZip(makeZip([[name, Buffer.from("x")]]))).toThrow("outside its folder");
  });

  it("refuses content longer than it declares", () => {
    const archive = makeZip([["bomb", Buffer.alloc(1000)]]);
    archive.writeUInt32LE(10, archive.lastIndexOf("PK\x01\x02") + 24);
    expect(() => listZip(archive)[0].read()).toThrow("larger than 10 bytes");
  });

  it("refuses what is no archive", () => {
    expect(() => listZip(Buffer.from("not a zip, but long enough to hold an end record"))).toThrow("not a zip archive");
  });
});
