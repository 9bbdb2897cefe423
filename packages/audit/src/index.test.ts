import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "AUDIT_ERRORS",
    "AuditError",
    "CSV_HEADER",
    "REDACTION_KEY_BYTES_MIN",
    "SEAL_BYTES_MAX",
    "WRITER_CHARS_MAX",
    "auditEvent",
    "createBatchSealer",
    "createCheckpointSigner",
    "createMerkleTree",
    "createRedactor",
    "createTrailReader",
    "createTrailVerifier",
    "csvEvent",
    "encodeAuditEvent",
    "isAuditError",
    "opaDecisionLog",
    "otelLog",
    "readCheckpoint",
    "readCheckpointKey",
    "readRecord",
    "readSeal",
    "sealHash",
    "sealLine",
    "splitCheckpoints",
    "timeText",
    "writerToken",
  ]);
});
