import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PROTOCOL_ERRORS, ProtocolError } from "./errors.ts";
import { REASON_CODES } from "./reason-code.ts";
import * as api from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** First and second column of the table under a heading. */
function tableUnder(heading: string): Record<string, string> {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)`\s*\| (.*?)\s*\|/gm)];
  return Object.fromEntries(rows.map(([, code = "", text = ""]) => [code, text]));
}

describe("README", () => {
  it("has a row for every error code and no other", () => {
    expect(tableUnder("Errors")).toEqual(PROTOCOL_ERRORS);
  });

  it("has a row for every reason code and no other", () => {
    const summaries = Object.entries(REASON_CODES).map(([code, { summary }]) => [code, summary]);
    expect(tableUnder("Reason codes")).toEqual(Object.fromEntries(summaries));
  });

  it("gives every limit its value", () => {
    const limits = Object.entries(api).filter(([name]) => name.endsWith("_MAX"));
    expect(tableUnder("Limits")).toEqual(
      Object.fromEntries(limits.map(([name, value]) => [name, JSON.stringify(value)])),
    );
  });
});

describe("ProtocolError", () => {
  it("has the name of its class", () => {
    expect(new ProtocolError("subject.part", "x").name).toBe(ProtocolError.name);
  });

  it("is told from other errors without instanceof", () => {
    expect(api.isProtocolError(new ProtocolError("subject.part", "x"))).toBe(true);
    expect(api.isProtocolError(new Error("x"))).toBe(false);
    expect(api.isProtocolError(Object.create(null))).toBe(false);
  });
});
