import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "FINDINGS_MAX",
      "HOLD_EXPIRES_MS_MAX",
      "HOLD_LIST_COUNT_MAX",
      "HOLD_REFUSALS",
      "PATCHED_PAYLOAD_BYTES_MAX",
      "PATCH_ROUNDS_MAX",
      "PAYLOAD_GROUPS_MAX",
      "PAYLOAD_KEY_CHARS_MAX",
      "QUORUM_MAX",
      "RESUME_MS_MIN",
      "RUNS_OPEN_MAX",
      "RUN_BYTES_MAX",
      "RUN_COUNT_MAX",
      "RUN_MS_MAX",
      "STANDINGS_PER_CALLER_MAX",
      "THROTTLE_WAITERS_MAX",
      "VERIFIED_FIELDS",
      "approverRoles",
      "buildInput",
      "callerFacts",
      "combine",
      "createGate",
      "decideInput",
      "gcraStep",
      "inputFacts",
      "inputText",
      "isGcraLimit",
      "judgeHold",
      "prepareInput",
      "verifyRecord",
      "withoutPayload",
    ]
  `);
});
