import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "CLI_ERRORS",
    "CliError",
    "EXIT_CODES",
    "SUBCOMMANDS",
    "isCliError",
    "runCortexos",
  ]);
});
