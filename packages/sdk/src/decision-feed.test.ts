import type { DecisionRecord } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import { createDecisionFeed } from "./decision-feed.ts";
import { EXPLAINED_BYTES_MAX, EXPLAINED_COUNT_MAX, FEED_COUNT_MAX } from "./limits.ts";

const recordOf = (id: string, bytes = 0): DecisionRecord =>
  ({ decision: { decision_id: id }, input: { message: { size_bytes: bytes } } }) as DecisionRecord;

describe("createDecisionFeed", () => {
  it("gives each reader everything from its beginning on, in order", async () => {
    const feed = createDecisionFeed();
    feed.push(recordOf("0"));
    const [first, second] = [feed.iterate(), feed.iterate()];
    const waiting = first.next();
    feed.push(recordOf("1"));
    feed.push(recordOf("2"));
    expect(
      [await waiting, await first.next(), await second.next()].map(({ value }) => value.decision.decision_id),
    ).toEqual(["1", "2", "1"]);
    feed.close();
    expect(await first.next()).toEqual({ done: true, value: undefined });
    expect((await second.next()).value.decision.decision_id).toBe("2");
    expect((await feed.iterate().next()).done).toBe(true);
  });

  it("is watched as long as somebody listens or reads", async () => {
    const feed = createDecisionFeed();
    const stop = feed.listen(() => undefined);
    expect(feed.isWatched()).toBe(true);
    stop();
    expect(feed.isWatched()).toBe(false);
    const reader = feed.iterate();
    expect(feed.isWatched()).toBe(true);
    await reader.return?.();
    expect(feed.isWatched()).toBe(false);
  });

  it("goes on when a listener throws", () => {
    const feed = createDecisionFeed();
    const heard: string[] = [];
    feed.listen(() => {
      throw new Error("no");
    });
    feed.listen(({ decision }) => heard.push(decision.decision_id));
    feed.push(recordOf("1"));
    expect(heard).toEqual(["1"]);
  });

  it("remembers no more than so many bytes", () => {
    const feed = createDecisionFeed();
    feed.push(recordOf("old", 10));
    feed.push(recordOf("large", EXPLAINED_BYTES_MAX - 9));
    feed.push(recordOf("new", 9));
    expect(["old", "large", "new"].map((id) => feed.find(id) !== undefined)).toEqual([false, true, true]);
    feed.push(recordOf("larger", EXPLAINED_BYTES_MAX + 1));
    expect(["large", "new", "larger"].map((id) => feed.find(id) !== undefined)).toEqual([false, false, false]);
  });

  it("forgets the oldest of what it remembers and of what nobody reads", async () => {
    const feed = createDecisionFeed();
    const reader = feed.iterate();
    for (let i = 0; i <= FEED_COUNT_MAX; i++) feed.push(recordOf(`${i}`));
    expect(feed.find(`${FEED_COUNT_MAX - EXPLAINED_COUNT_MAX}`)).toBeUndefined();
    expect(feed.find(`${FEED_COUNT_MAX}`)).toBeDefined();
    expect((await reader.next()).value.decision.decision_id).toBe("1");
  });
});
