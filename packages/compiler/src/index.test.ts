import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "COMPILER_ERRORS",
    "CompilerError",
    "ENTRYPOINT",
    "MAIN_PATH",
    "OPA_MS_MAX",
    "OPA_OUTPUT_BYTES_MAX",
    "SOURCE_BYTES_MAX",
    "TREE_FILES_MAX",
    "buildBundle",
    "checkFile",
    "checkHouseRules",
    "checkPacks",
    "findOpa",
    "formatDiagnostic",
    "generateSigningKeys",
    "isCompilerError",
    "openNativeOpa",
    "readPackTree",
    "readSigningKey",
    "readTrustedKey",
    "ruleIdOf",
    "rulesTable",
    "testPacks",
  ]);
});
