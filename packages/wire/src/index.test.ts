import { expect, it } from "vitest";
import * as api from "./index.ts";

it("exports exactly this", () => {
  expect(Object.keys(api).sort()).toEqual([
    "CLIENT_OPERATIONS",
    "CONTROL_LINE_BYTES_MAX",
    "ERR_TEXT_BYTES_MAX",
    "INJECTED_BYTES_MAX",
    "PAYLOAD_BYTES_MAX",
    "QUEUE_BYTES_MAX",
    "QUEUE_COUNT_MAX",
    "REFUSAL_REASON_CHARS_MAX",
    "SERVER_LINE_BYTES_MAX",
    "SUBJECT_TABLE_COUNT_MAX",
    "SUBSCRIPTION_BYTES_MAX",
    "SUBSCRIPTION_COUNT_MAX",
    "WIRE_ERRORS",
    "WireError",
    "createClientFrameParser",
    "createOrderedQueue",
    "createProxySession",
    "createServerFrameParser",
    "decisionRefusal",
    "isWireError",
    "refusalErrorText",
    "refusalReply",
    "serialiseDelivery",
    "serialiseError",
    "serialisePublish",
  ]);
});
