import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REPO_ROOT } from "./repo-root.mjs";

const text = readFileSync(path.join(REPO_ROOT, "docs", "threat-model.md"), "utf8");
const threats = text.split("\n").filter((line) => /^\| [STRIDE ]+ \|/.test(line));
const named = threats.map((line) => /`([^`]+\.test\.ts)`: "(.+)"\s*\|$/.exec(line));

describe("the threat model", () => {
  it("names a test for each threat", () => {
    expect(threats.length).toBeGreaterThan(30);
    expect(threats.filter((_, i) => named[i] === null)).toEqual([]);
  });

  it("names only tests that are there", () => {
    const missing = named.flatMap((match) => {
      const [, file = "", title = ""] = match ?? [];
      const full = path.join(REPO_ROOT, file);
      const isThere = existsSync(full) && readFileSync(full, "utf8").includes(title);
      return isThere ? [] : [`${file}: ${title}`];
    });
    expect(missing).toEqual([]);
  });
});
