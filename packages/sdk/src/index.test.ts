import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("exports exactly this", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "CLOSE_WAIT_MS_MAX",
    "EXPLAINED_BYTES_MAX",
    "EXPLAINED_COUNT_MAX",
    "FEED_COUNT_MAX",
    "FILE_POLL_MS",
    "FLOW_LABELS_HEADER",
    "GUARD_QUEUE_BYTES_MAX",
    "GUARD_QUEUE_COUNT_MAX",
    "HTTP_ANSWER_MS_MAX",
    "HTTP_POLL_MS",
    "LABELS_OVERFLOW",
    "LABEL_CHARS_MAX",
    "LABEL_COUNT_MAX",
    "SDK_ERRORS",
    "STANDING_SUBJECT_COUNT_MAX",
    "SdkError",
    "THROTTLE_WAIT_MS_DEFAULT",
    "bytesBundle",
    "decisionOf",
    "fileBundle",
    "guard",
    "guardTool",
    "httpBundle",
    "isSdkError",
    "objectStoreBundle",
    "openGuard",
    "permitToolCall",
    "toolSubject",
  ]);
});

it("documents every error code, and no other, in the README", () => {
  const documented = [...readme.matchAll(/^\| `([a-z]+\.[a-z_]+)`/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(api.SDK_ERRORS));
});

it("documents every limit with its value in the README", () => {
  const documented = [...readme.matchAll(/^\| `([A-Z_]+)` *\| *(\d+) *\|/gm)].map(
    ([, name, value]) => [name, Number(value)] as const,
  );
  const limits = Object.entries(api).filter(([, value]) => typeof value === "number");
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(limits));
});

it("names its error class as it is called, across copies of the package too", () => {
  const error = new api.SdkError("queue.full", "no");
  expect(error.name).toBe("SdkError");
  expect(api.isSdkError(Object.assign(new Error("no"), { name: "SdkError", code: "queue.full" }))).toBe(true);
  expect(api.isSdkError(new Error("no"))).toBe(false);
});
