import { describe, expect, it } from "vitest";
import { sectionOf, withSection } from "./generated-section.mjs";

const text = "# T\n\n<!-- rules: made by `x` -->\n\nold\n\n<!-- /rules -->\n\nend\n";

describe("sectionOf", () => {
  it("reads what stands between the marks", () => {
    expect(sectionOf(text, "rules")).toBe("old");
  });

  it.each(["no marks", "<!-- rules -->\nopen", "<!-- /rules -->\n<!-- rules -->"])("finds none in %j", (each) => {
    expect(sectionOf(each, "rules")).toBeUndefined();
  });
});

describe("withSection", () => {
  it("replaces the section and nothing else", () => {
    const changed = withSection(text, "rules", "new\n");
    expect(changed).toBe(text.replace("old", "new"));
  });

  it("throws when there is no such section", () => {
    expect(() => withSection(text, "errors", "new")).toThrow("there is no section errors");
  });
});
