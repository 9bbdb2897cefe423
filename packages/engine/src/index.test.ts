import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "ARCHIVE_BYTES_MAX",
      "ARCHIVE_FILES_MAX",
      "ARCHIVE_FILE_BYTES_MAX",
      "ARCHIVE_INFLATED_BYTES_MAX",
      "BUNDLE_PATHS",
      "ENGINE",
      "ENGINE_ERRORS",
      "EngineError",
      "FINDINGS_MAX",
      "FINDING_DEFAULTS",
      "FINDING_NUMBER_MAX",
      "FINDING_SET_CHARS_MAX",
      "FINDING_TEXT_CHARS_MAX",
      "INPUT_BYTES_MAX",
      "INPUT_DEPTH_MAX",
      "PLAN_ERRORS",
      "POLICY_MEMORY_BYTES_MAX",
      "POLICY_MEMORY_GROWTH_BYTES_MAX",
      "PlanError",
      "REFUSED_BUILTINS",
      "SIGNATURE_ALGORITHMS",
      "createPlanEvaluator",
      "createPolicy",
      "createPolicyHolder",
      "deriveReads",
      "digestBundle",
      "isEngineError",
      "openBundle",
      "readArchive",
      "readBundle",
      "readFindings",
      "signBundle",
      "verifyBundle",
      "writeArchive",
      "writeBundle",
    ]
  `);
});
