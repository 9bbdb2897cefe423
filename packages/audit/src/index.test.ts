import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "AUDIT_ERRORS",
    "AuditError",
    "REDACTION_KEY_BYTES_MIN",
    "SEAL_BYTES_MAX",
    "WRITER_CHARS_MAX",
    "createBatchSealer",
    "createCheckpointSigner",
    "createMerkleTree",
    "createRedactor",
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
