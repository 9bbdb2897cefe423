import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "AUDIT_ERRORS",
    "AuditError",
    "SEAL_BYTES_MAX",
    "WRITER_CHARS_MAX",
    "createBatchSealer",
    "createCheckpointSigner",
    "createMerkleTree",
    "createTrailVerifier",
    "isAuditError",
    "readCheckpoint",
    "readCheckpointKey",
    "readSeal",
    "sealHash",
    "sealLine",
    "splitCheckpoints",
    "writerToken",
  ]);
});
