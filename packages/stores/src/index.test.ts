import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "./index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("exports exactly this", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "ACCOUNT_COUNT_MAX",
    "ACK_MS_MAX",
    "AUDIT_AGE_MS_MIN",
    "AUDIT_STREAM",
    "AUDIT_SUBJECT",
    "BATCH_BYTES_MAX",
    "BATCH_COUNT_MAX",
    "BUCKET_ACCOUNT_COUNT_MAX",
    "BUCKET_MS_MAX",
    "BUCKET_RESERVATION_COUNT_MAX",
    "BUCKET_RESOLVED_COUNT_MAX",
    "BUCKET_THROTTLE_COUNT_MAX",
    "BUCKET_TRIES_MAX",
    "BUDGET_BUCKET",
    "BUDGET_LEVELS",
    "BUFFERED_DELAY_MS_MAX",
    "BUFFERED_RETRY_MS_MAX",
    "CHECKPOINT_BATCH_COUNT_MAX",
    "CHECKPOINT_MS_MAX",
    "CHECKPOINT_STREAM",
    "CHECKPOINT_SUBJECT",
    "CLAIM_MS_MAX",
    "ENDED_HOLD_BYTES_MAX",
    "ENDED_HOLD_COUNT_MAX",
    "HOLDS_PER_REQUESTER_MAX",
    "HOLD_BUCKET",
    "HOLD_BYTES_MAX",
    "HOLD_COUNT_MAX",
    "MEMORY_RECORD_COUNT_MAX",
    "REDIS_CHECK_MS",
    "REDIS_KEY_PREFIX",
    "REDIS_MS_MAX",
    "RESERVATION_COUNT_MAX",
    "RESERVATION_MS_MAX",
    "RESOLVED_COUNT_MAX",
    "RESOLVED_MS_MAX",
    "RUN_ACCOUNT_MS_MAX",
    "SINK_QUEUE_BYTES_MAX",
    "SINK_QUEUE_COUNT_MAX",
    "STORES_ERRORS",
    "StoresError",
    "THROTTLE_BUCKET",
    "THROTTLE_BUCKET_COUNT_MAX",
    "THROTTLE_KEY_CHARS_MAX",
    "auditStreamFaults",
    "checkBudgetLimits",
    "createCheckpointKeeper",
    "createFileRecordSink",
    "createMemoryBudgetStore",
    "createMemoryHoldStore",
    "createMemoryRecordSink",
    "createMemoryThrottleStore",
    "createRedisBudgetStore",
    "createRedisHoldStore",
    "createRedisThrottleStore",
    "createSystemClock",
    "durabilityOf",
    "isStoresError",
    "openCheckpointFile",
    "openCheckpointStream",
    "openFileRecordSink",
    "openJetStreamBudgetStore",
    "openJetStreamHoldStore",
    "openJetStreamRecordSink",
    "openJetStreamThrottleStore",
    "openRedisLink",
    "readAuditStream",
    "recordedSpendings",
    "systemTimers",
  ]);
});

it("documents every error code, and no other, in the README", () => {
  const documented = [...readme.matchAll(/^\| `([a-z]+\.[a-z_]+)`/gm)].map((match) => match[1]);
  expect(documented).toEqual(Object.keys(api.STORES_ERRORS));
});

it("documents every limit with its value in the README", () => {
  const documented = [...readme.matchAll(/^\| `([A-Z_]+)` *\| *([\d ]+?) *\|/gm)].map(
    ([, name, value]) => [name, Number(value?.replaceAll(" ", ""))] as const,
  );
  const limits = Object.entries(api).filter(([, value]) => typeof value === "number");
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(limits));
});

it("names its error class as it is called, across copies of the package too", () => {
  const error = new api.StoresError("sink.away", "no");
  expect(error.name).toBe(api.StoresError.name);
  expect(api.isStoresError(Object.assign(new Error("no"), { name: "StoresError", code: "sink.away" }))).toBe(true);
  expect([undefined, {}, new Error("no")].some(api.isStoresError)).toBe(false);
});
