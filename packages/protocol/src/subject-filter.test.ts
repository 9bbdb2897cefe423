import { describe, expect, it } from "vitest";
import { checkPublishSubject } from "./subject.ts";

describe("checkPublishSubject, for a JetStream request that makes a consumer", () => {
  it.each([
    ["$JS.API.CONSUMER.CREATE.S.c.work.>", undefined],
    ["$JS.API.CONSUMER.CREATE.S.c.>", undefined],
    ["$JS.API.CONSUMER.CREATE.S.c.$KV.b.*.x", undefined],
    ["$JS.hub.API.CONSUMER.CREATE.S.c.*.>", undefined],
    ["$JS.API.CONSUMER.CREATE.S.c.a.>.b", "subject.wildcard"],
    ["$JS.API.CONSUMER.CREATE.S.>", "subject.wildcard"],
    ["$JS.API.CONSUMER.CREATE.*.c.a", "subject.wildcard"],
    ["$JS.API.CONSUMER.CREATE.S.*.a", "subject.wildcard"],
    ["$JS.API.STREAM.CREATE.S.c.>", "subject.wildcard"],
    ["$JS.API.CONSUMER.DELETE.S.c.>", "subject.wildcard"],
    ["x.$JS.API.CONSUMER.CREATE.S.c.>", "subject.wildcard"],
    ["$JS.a.b.API.CONSUMER.CREATE.S.c.>", "subject.wildcard"],
    ["$JS.*.API.CONSUMER.CREATE.S.c.d", "subject.wildcard"],
  ])("says of %j: %s", (subject, fault) => {
    expect(checkPublishSubject(subject)).toBe(fault);
  });
});
