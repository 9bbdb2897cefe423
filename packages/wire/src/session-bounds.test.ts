import { describe, expect, it } from "vitest";
import { connected, deferred, DENIED, DENIED_ERR, told, type Recording } from "./recording-host.test.support.ts";
import type { PublishVerdict } from "./session-types.ts";

describe("a frame that comes in pieces", () => {
  it("is incomplete under a number of its own until its last byte", () => {
    const on = connected();
    const seen = ["PING\r\nPU", "B a 2\r\nh", "i", "\r\n", "SUB", " a 1\r\nPUB a 0\r\n\r", "\n"].map((piece) => {
      on.fromClient(piece);
      return [on.session.incompleteFrame(), on.session.keptBytes()];
    });
    const [first, second, third] = [seen[0]?.[0], seen[4]?.[0], seen[5]?.[0]];
    expect(new Set([0, first, second, third]).size).toBe(4);
    expect(seen).toEqual([
      [first, 2],
      [first, 10],
      [first, 11],
      [0, 0],
      [second, 3],
      [third, 12],
      [0, 2],
    ]);
  });

  it("ends the connection when its time is over, with words that every client reconnects on", () => {
    const on = connected();
    on.fromClient("PUB a 0\r\n\r\nPUB b 2\r\nh");
    on.session.frameLate();
    expect(on.client()).toBe("-ERR 'Stale Connection'\r\n");
    expect(on.closed).toEqual(["wire.frame_late"]);
    on.fromClient("i\r\n");
    expect(on.upstream()).toBe("PUB a 0\r\n\r\n");
  });

  it("ends it behind what waits for its verdict", async () => {
    const slow = deferred<PublishVerdict>();
    const on = connected({ decide: () => slow.promise });
    on.fromClient("PUB a 0\r\n\r\nPUB b 2\r\nh");
    on.session.frameLate();
    expect(on.closed).toEqual([]);
    slow.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe("PUB a 0\r\n\r\n");
    expect(on.closed).toEqual(["wire.frame_late"]);
  });

  it.each(["", "PUB a 0\r\n\r\n"])("is none that could be late where all are complete: %j", (frames) => {
    const on = connected();
    on.fromClient(frames);
    on.session.frameLate();
    expect(on.closed).toEqual([]);
  });
});

describe("a violation behind what waits for its verdict", () => {
  it.each<[string, (on: Recording) => void]>([
    ["the server goes", (on) => on.session.upstreamEnd()],
    ["the server breaks the protocol", (on) => on.fromServer("WHAT\r\n")],
    [
      "the client goes and then the server",
      (on) => {
        on.session.clientEnd();
        on.session.upstreamEnd();
      },
    ],
  ])("is told when %s first", (_, end) => {
    const on = connected({ decide: () => deferred<PublishVerdict>().promise });
    on.fromClient("PUB a 0\r\n\r\nNOPE\r\n");
    expect(on.closed).toEqual([]);
    end(on);
    expect(on.closed).toEqual(["wire.unknown_operation"]);
  });
});

describe("what is kept for a client", () => {
  it("is counted: what waits for a verdict, what waits for its place, subscriptions, a begun frame", async () => {
    const slow = deferred<PublishVerdict>();
    const on = connected({ decide: ({ subject }) => (subject === "slow" ? slow.promise : DENIED) });
    on.fromClient("SUB a.b q 1\r\n");
    expect(on.session.keptBytes()).toBe(5);
    on.fromClient("PUB slow 2\r\nhi\r\nPUB");
    expect(on.session.keptBytes()).toBe(5 + 16 + 3);
    on.fromServer("MSG a.b 1 4\r\nh");
    on.fromClient(" a.b 0\r\n\r\n");
    slow.resolve(DENIED);
    await told();
    expect(on.session.keptBytes()).toBe(5 + `${DENIED_ERR.replace("a.b", "slow")}${DENIED_ERR}`.length);
    on.fromServer("ere\r\n");
    on.fromClient("UNSUB 1\r\n");
    expect(on.session.keptBytes()).toBe(0);
  });

  it.each([
    ["their number", { subscriptionCountMax: 2 }],
    ["their bytes", { subscriptionBytesMax: 4 }],
  ])("is bounded for subscriptions by %s", (_, limits) => {
    const on = connected(limits);
    on.fromClient("SUB a 1\r\nSUB b 2\r\n");
    expect(on.closed).toEqual([]);
    on.fromClient("SUB c 3\r\n");
    expect(on.client()).toBe("-ERR 'maximum subscriptions exceeded'\r\n");
    expect(on.closed).toEqual(["wire.subscriptions"]);
    expect(on.upstream()).toBe("SUB a 1\r\nSUB b 2\r\n");
  });
});

describe("PING, SUB and UNSUB", () => {
  it("are told to the host when they are carried out, and nothing else is", async () => {
    const slow = deferred<PublishVerdict>();
    let operatedCount = 0;
    const on = connected({ host: { operated: () => operatedCount++ }, decide: () => slow.promise });
    const before = operatedCount;
    on.fromClient("PING\r\nSUB a 1\r\nUNSUB 1\r\nPONG\r\nPUB a 0\r\n\r\nPING\r\n");
    expect(operatedCount - before).toBe(3);
    slow.resolve({ kind: "release" });
    await told();
    expect(operatedCount - before).toBe(4);
  });
});
