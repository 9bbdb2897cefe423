import { generateKeyPairSync } from "node:crypto";
import { createBatchSealer, sealLine, type ChainHead } from "../batch-seal.ts";
import { createCheckpointSigner } from "../checkpoint.ts";
import { createMerkleTree } from "../merkle-tree.ts";

export interface SampleKeys {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

export function signingKeys(): SampleKeys {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/** A writer's epochs, as the number of records in each batch. */
export interface SampleTrail {
  /** Lines of each batch, its seal last. */
  readonly batches: readonly (readonly string[])[];
  /** One signed note over each whole epoch. */
  readonly notes: readonly string[];
}

export function sampleTrail(epochs: readonly (readonly number[])[], keys: SampleKeys, writer = "w"): SampleTrail {
  const signer = createCheckpointSigner(keys.privateKeyPem, "ops");
  const batches: (readonly string[])[] = [];
  const notes: string[] = [];
  let head: ChainHead | undefined;
  let id = 0;
  for (const sizes of epochs) {
    const sealer = createBatchSealer(writer, head);
    const tree = createMerkleTree();
    for (const size of sizes) {
      const lines = Array.from(
        { length: size },
        () => `{"schema":"cortexos.record/1","record_id":"${writer}/1/${++id}"}\n`,
      );
      const seal = sealer.seal(Buffer.from(lines.join("")), lines.length);
      sealer.accept(seal);
      tree.add(Buffer.from(seal.hash.slice(7), "hex"));
      batches.push([...lines, sealLine(seal)]);
    }
    head = sealer.head();
    const epoch = head?.epoch ?? 0;
    notes.push(signer.sign({ writer, epoch, size: tree.size(), root: tree.root(), atNs: "1" }));
  }
  return { batches, notes };
}
