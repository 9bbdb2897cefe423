import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "CONFIG_DEPTH_MAX",
      "DOCTOR_ERRORS",
      "DoctorError",
      "MONITOR_MS_MAX",
      "READ_BYTES_MAX",
      "SERVER_VERSION_MIN",
      "SEVERITIES",
      "examine",
      "hasFault",
      "isDoctorError",
      "readMonitor",
      "readNatsConfig",
    ]
  `);
});

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("documents every error", () => {
  const rows = [...readme.matchAll(/^\| `(doctor\.\w+)`\s*\| (.+?)\s*\|$/gm)];
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(api.DOCTOR_ERRORS);
});

it("documents every limit", () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+_MAX)`\s*\| (\d+)\s*\|/gm)];
  const limits = Object.entries(api).filter(([name]) => name.endsWith("_MAX"));
  expect(Object.fromEntries(rows.map(([, name, value]) => [name, value]))).toEqual(
    Object.fromEntries(limits.map(([name, value]) => [name, JSON.stringify(value)])),
  );
});
