import { describe, expect, it } from "vitest";
import { isProtocolError } from "./errors.ts";
import { formatMemoryPointer, parseMemoryPointer, type MemoryPointer } from "./memory-pointer.ts";
import { carriesJobRequest, JOB_AREAS, jobSubject, parseSubject, SYSTEM_SUBJECTS } from "./subjects.ts";

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return "nothing was thrown";
  } catch (thrown) {
    return isProtocolError(thrown) ? thrown.code : "something else was thrown";
  }
};

describe("jobSubject", () => {
  it.each(JOB_AREAS)("is parsed back for %s", (area) => {
    expect(parseSubject(jobSubject(area, "run"))).toEqual({ kind: "job", area, verb: "run" });
  });

  it.each(["", "a.b", "*", ">", "a b", "a\r\n", "é"])("refuses the part %j", (part) => {
    expect(codeOf(() => jobSubject("code", part))).toBe("subject.part");
    expect(codeOf(() => jobSubject(part, "run"))).toBe("subject.part");
  });
});

describe("parseSubject", () => {
  it.each(Object.values(SYSTEM_SUBJECTS))("knows %s", (subject) => {
    expect(parseSubject(subject)).toEqual({ kind: "system", subject });
  });

  it.each(["sys.other", "job.code", "job.code.run.x", "job..x", "job.*.x", "jobs.code.run", "agent.x"])(
    "doesn't know %s",
    (subject) => {
      expect(parseSubject(subject)).toBeUndefined();
    },
  );
});

describe("carriesJobRequest", () => {
  it.each([
    ["job.code.python", true],
    ["sys.job.submit", true],
    ["sys.job.result", false],
    ["jobs.x", false],
  ])("of %s is %s", (subject, expected) => {
    expect(carriesJobRequest(subject)).toBe(expected);
  });
});

describe("parseMemoryPointer", () => {
  it.each<[string, MemoryPointer]>([
    ["redis://ctx/j-1", { kind: "context", id: "j-1" }],
    ["redis://res/j_1.2", { kind: "result", id: "j_1.2" }],
    ["vector://docs/42", { kind: "vector", collection: "docs", id: "42" }],
  ])("reads %s, and it is written back", (text, pointer) => {
    expect(parseMemoryPointer(text)).toEqual(pointer);
    expect(formatMemoryPointer(pointer)).toBe(text);
  });

  it.each([
    "redis://other/x",
    "redis://ctx/",
    "redis://ctx/a/b",
    "redis://ctx/..",
    "redis://ctx/a b",
    "redis://ctx/a%2fb",
    "redis://ctx/a?x",
    "redis://ctx/a#x",
    "redis://user@ctx/a",
    "REDIS://ctx/a",
    "vector://a",
    "vector:///a",
    "http://ctx/a",
    "redis://ctx/a\n",
    ` redis://ctx/a`,
    `redis://ctx/${"a".repeat(129)}`,
  ])("refuses %j", (text) => {
    expect(parseMemoryPointer(text)).toBeUndefined();
  });

  it("has nothing to write for an id that can't be read back", () => {
    expect(codeOf(() => formatMemoryPointer({ kind: "context", id: "a/b" }))).toBe("memory_pointer.part");
    expect(codeOf(() => formatMemoryPointer({ kind: "vector", collection: "..", id: "a" }))).toBe(
      "memory_pointer.part",
    );
  });
});
