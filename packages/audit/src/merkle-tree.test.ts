import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createMerkleTree } from "./merkle-tree.ts";

const sha256 = (...parts: readonly (string | Uint8Array)[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** As RFC 6962 §2.1 writes it. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256("");
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256("\u0001", rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

describe("createMerkleTree", () => {
  it("has the root that RFC 6962 defines after every leaf", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 8 }), { maxLength: 70 }), (data) => {
        const tree = createMerkleTree();
        const leaves = data.map((leaf) => sha256("\0", leaf));
        expect(Buffer.from(tree.root()).equals(rootOf([]))).toBe(true);
        for (const [i, leaf] of leaves.entries()) {
          tree.add(leaf);
          expect(tree.size()).toBe(i + 1);
          expect(Buffer.from(tree.root()).equals(rootOf(leaves.slice(0, i + 1)))).toBe(true);
        }
      }),
    );
  });

  it("gives the roots of the test vectors of Certificate Transparency", () => {
    const tree = createMerkleTree();
    for (const leaf of [
      "",
      "00",
      "10",
      "2021",
      "3031",
      "40414243",
      "5051525354555657",
      "606162636465666768696a6b6c6d6e6f",
    ]) {
      tree.add(sha256("\0", Buffer.from(leaf, "hex")));
    }
    expect(Buffer.from(tree.root()).toString("hex")).toBe(
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    );
  });
});
