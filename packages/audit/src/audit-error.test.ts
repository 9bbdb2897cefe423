import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AUDIT_ERRORS, AuditError, isAuditError } from "./audit-error.ts";

describe("AuditError", () => {
  it("is known by name and code", () => {
    const error = new AuditError("audit.key", "no key");
    expect(error).toMatchObject({ name: "AuditError", code: "audit.key" });
    expect(isAuditError(error)).toBe(true);
    expect(isAuditError(new Error("audit.key"))).toBe(false);
  });

  it("has a row in the README for each code", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(audit\.[a-z_]+)`/gm)].map(([, code]) => code);
    expect(new Set(rows)).toEqual(new Set(Object.keys(AUDIT_ERRORS)));
  });
});
