import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "DEVKIT_ERRORS",
    "DevkitError",
    "LOG_CHARS_MAX",
    "STOP_MS_MAX",
    "TOOLS",
    "WAIT_MS_MAX",
    "createCertificateAuthority",
    "createTempDir",
    "eventually",
    "findTool",
    "freePort",
    "rawConnect",
    "startBytePipe",
    "startNatsServer",
    "startProcess",
    "startRedisServer",
    "startTcpProxy",
    "tap",
  ]);
});

it("documents every error code, and no other, in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const documented = [...readme.matchAll(/^\| `([a-z]+\.[a-z_]+)`/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(api.DEVKIT_ERRORS));
});

it("names its error class as it is called", () => {
  expect(new api.DevkitError("tool.missing", "no opa").name).toBe(api.DevkitError.name);
});
