import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createCheckpointSigner, readCheckpoint, readCheckpointKey, splitCheckpoints } from "./checkpoint.ts";
import { signingKeys } from "./testing/sample-trail.ts";

const keys = signingKeys();
const checkpoint = { writer: "sidecar-1", epoch: 3, size: 17, root: Buffer.alloc(32, 7), atNs: "1700" };
const note = createCheckpointSigner(keys.privateKeyPem, "ops").sign(checkpoint);

describe("checkpoints", () => {
  it("are signed notes that say origin, size and root", () => {
    const lines = note.split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "cortexos.audit/sidecar-1/3",
      "17",
      `${Buffer.alloc(32, 7).toString("base64")}`,
      "at 1700",
      "",
    ]);
    expect(lines[5]).toMatch(/^\u2014 ops [A-Za-z0-9+/]+=*$/);
    expect(note.endsWith("\n")).toBe(true);
  });

  it("can be read again, and are believed by the key that signed them alone", () => {
    const read = readCheckpoint(note);
    expect(read).toMatchObject(checkpoint);
    if (read === undefined) return;
    expect(readCheckpointKey(keys.publicKeyPem, "ops").hasSigned(read)).toBe(true);
    expect(readCheckpointKey(keys.publicKeyPem, "other").hasSigned(read)).toBe(false);
    expect(readCheckpointKey(signingKeys().publicKeyPem, "ops").hasSigned(read)).toBe(false);
  });

  it("aren't believed once anything of them is changed", () => {
    const key = readCheckpointKey(keys.publicKeyPem, "ops");
    for (const [from, to] of [
      ["17\n", "16\n"],
      ["/3\n", "/4\n"],
      ["at 1700", "at 1701"],
      ["BwcH", "AAAA"],
    ] as const) {
      const changed = readCheckpoint(note.replace(from, to));
      expect(changed !== undefined && key.hasSigned(changed)).toBe(false);
    }
  });

  it("name any writer", () => {
    const writer = "host 1/é.events";
    const signed = createCheckpointSigner(keys.privateKeyPem, "ops").sign({ ...checkpoint, writer });
    expect(readCheckpoint(signed)).toMatchObject({ writer });
    expect(readCheckpoint(note.replace("sidecar-1", "%ff"))).toBeUndefined();
  });

  it("aren't read from anything else", () => {
    for (const text of ["", "\n\n", note.slice(0, -1), note.replace("\n\n", "\n"), `x${note}`, `${note}more`]) {
      expect(readCheckpoint(text)).toBeUndefined();
    }
  });

  it("can be told apart in a file", () => {
    expect(splitCheckpoints(note + note)).toEqual([note, note]);
  });

  it("want Ed25519 keys and plain names", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    expect(() => createCheckpointSigner(pem, "ops")).toThrow(expect.objectContaining({ code: "audit.key" }));
    expect(() => createCheckpointSigner("junk", "ops")).toThrow(expect.objectContaining({ code: "audit.key" }));
    expect(() => readCheckpointKey(keys.privateKeyPem, "ops")).toThrow("give the public one");
    expect(() => readCheckpointKey(keys.publicKeyPem, "a b")).toThrow(expect.objectContaining({ code: "audit.name" }));
  });
});
