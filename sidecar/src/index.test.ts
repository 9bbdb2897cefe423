import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "LIMITS",
    "SIDECAR_ERRORS",
    "SidecarError",
    "isSidecarError",
    "loadConfig",
    "parseConfig",
    "printConfig",
    "startSidecar",
  ]);
});
