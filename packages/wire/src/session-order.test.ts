import { describe, expect, it } from "vitest";
import {
  CONNECT,
  connected,
  deferred,
  DENIED,
  DENIED_ERR,
  deniedReply,
  INFO,
  record,
  told,
  type Deferred,
} from "./recording-host.test.support.ts";
import type { PublishRefusal, PublishVerdict } from "./session-types.ts";

const verbose = '{"verbose":true,"headers":true}';

describe("what waits for a verdict", () => {
  it("holds back everything behind it, in order, and lets decisions run ahead", async () => {
    const first = deferred<PublishVerdict>();
    const on = connected({ decide: ({ subject }) => (subject === "slow" ? first.promise : { kind: "release" }) });
    on.fromClient("PUB slow 2\r\nhi\r\nSUB a 1\r\nPING\r\nPUB fast 0\r\n\r\nUNSUB 1\r\n");
    expect(on.upstream()).toBe("");
    expect(on.decided.map(({ subject }) => subject)).toEqual(["slow", "fast"]);
    first.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe("PUB slow 2\r\nhi\r\nSUB a 1\r\nPING\r\nPUB fast 0\r\n\r\nUNSUB 1\r\n");
  });

  it("lets PONG overtake, so that the server doesn't think the connection stale", () => {
    const on = connected({ decide: () => deferred<PublishVerdict>().promise });
    on.fromClient("PUB slow 0\r\n\r\nPONG\r\n");
    expect(on.upstream()).toBe("PONG\r\n");
  });

  it("keeps its payload when the chunk is used again", async () => {
    const first = deferred<PublishVerdict>();
    const on = connected({ decide: () => first.promise });
    const chunk = Buffer.from("PUB slow 2\r\nhi\r\nPING\r\n");
    on.session.clientData(chunk);
    chunk.fill(0x78);
    first.resolve({ kind: "release" });
    await told();
    expect(Buffer.from(on.decided[0]?.payload ?? []).toString()).toBe("hi");
    expect(on.upstream()).toBe("PUB slow 2\r\nhi\r\nPING\r\n");
  });

  it("pauses the client at the bound and goes on with what it had sent", async () => {
    const waiting: ((verdict: PublishVerdict) => void)[] = [];
    const decide = () => {
      const { promise, resolve } = deferred<PublishVerdict>();
      waiting.push(resolve);
      return promise;
    };
    const on = connected({ queueCountMax: 4, decide });
    on.fromClient("PUB a 0\r\n\r\n".repeat(6));
    on.fromClient("PUB b 0\r\n\r\n");
    expect(on.paused).toEqual([true]);
    expect(waiting).toHaveLength(4);
    on.fromServer("PING\r\n");
    expect(on.upstream()).toBe("PONG\r\n");
    expect(on.client()).toBe("");
    for (let i = 0; i < 7; i++) {
      waiting[i]?.({ kind: "release" });
      await told();
    }
    expect(on.upstream()).toBe(`${"PUB a 0\r\n\r\n".repeat(6)}PUB b 0\r\n\r\n`);
    expect(on.paused).toEqual([true, false]);
    on.fromServer("PING\r\n");
    expect(on.client()).toBe("PING\r\n");
  });

  it("pauses the client at the bound of bytes, and goes on when half is free", async () => {
    const waiting: Deferred<PublishVerdict>[] = [];
    const decide = () => {
      waiting.push(deferred<PublishVerdict>());
      return waiting.at(-1)?.promise ?? DENIED;
    };
    const on = connected({ queueBytesMax: 30, decide });
    for (let round = 0; round < 3; round++) {
      on.fromClient("PUB a 8\r\n12345678\r\n");
      expect(on.paused).toEqual(Array.from({ length: round * 2 }, (_, i) => i % 2 === 0));
      on.fromClient("PUB a 8\r\n12345678\r\n");
      expect(on.paused.at(-1)).toBe(true);
      for (const { resolve } of waiting.splice(0)) resolve({ kind: "release" });
      await told();
      expect(on.paused.at(-1)).toBe(false);
    }
  });

  it("goes on with several chunks at once, each accounted for as it lies", async () => {
    const first = deferred<PublishVerdict>();
    const accounted: string[] = [];
    const on = connected({
      queueCountMax: 1,
      decide: () => first.promise,
      host: {
        standing: (subject) =>
          subject === "s"
            ? {
                isCurrent: () => true,
                account: (count, frames) => void accounted.push(`${count} ${Buffer.from(frames).toString()}`),
              }
            : undefined,
      },
    });
    const one = "PUB s 1\r\n1\r\n";
    const two = "PUB s 2\r\n12\r\n";
    on.fromClient("PUB slow 0\r\n\r\n");
    on.fromClient(one);
    on.fromClient(`${two}${two}PUB s`);
    on.fromClient(" 1\r\n1\r\n");
    on.fromClient(two);
    first.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe(`PUB slow 0\r\n\r\n${one}${two}${two}${one}${two}`);
    expect(accounted).toEqual([`1 ${one}`, `2 ${two}${two}`, `1 ${one}`, `1 ${two}`]);
  });

  it("is refused when the decision throws or rejects", async () => {
    const on = connected({
      decide: ({ subject }) => {
        if (subject === "now") throw new Error("broken");
        return Promise.reject(new Error("broken"));
      },
    });
    on.fromClient("PUB now 0\r\n\r\nPUB later 0\r\n\r\n");
    await told();
    expect(on.upstream()).toBe("");
    expect(on.refused.map(([{ subject }, { ruleId }]) => [subject, ruleId])).toEqual([
      ["now", "wire.decision_failed"],
      ["later", "wire.decision_failed"],
    ]);
    expect(on.client().match(/-ERR/g)).toHaveLength(2);
  });

  it("is parked out of the queue, and its follow-up is told on the inbox", async () => {
    const followUp = deferred<PublishRefusal | undefined>();
    const on = connected({
      decide: ({ subject }) => (subject === "a.b" ? { kind: "park", followUp: followUp.promise } : { kind: "release" }),
    });
    on.fromClient("SUB r 1\r\nPUB a.b r 0\r\n\r\nPUB next 0\r\n\r\n");
    expect(on.upstream()).toBe("SUB r 1\r\nPUB next 0\r\n\r\n");
    expect(on.client()).toBe("");
    followUp.resolve(DENIED);
    await told();
    expect(on.client()).toBe(deniedReply("r", "1"));
  });

  it("is parked after a wait, behind what came before it", async () => {
    const first = deferred<PublishVerdict>();
    const second = deferred<PublishVerdict>();
    const on = connected({ decide: ({ subject }) => (subject === "a" ? first.promise : second.promise) });
    on.fromClient("PUB a 0\r\n\r\nPUB b 0\r\n\r\nPING\r\n");
    second.resolve({ kind: "park" });
    await told();
    expect(on.upstream()).toBe("");
    first.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe("PUB a 0\r\n\r\nPING\r\n");
  });

  it("is still decided after the client has ended, and then the session closes", async () => {
    const first = deferred<PublishVerdict>();
    const on = connected({ decide: () => first.promise });
    on.fromClient("PUB a 0\r\n\r\n");
    on.session.clientEnd();
    expect(on.closed).toEqual([]);
    first.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe("PUB a 0\r\n\r\n");
    expect(on.closed).toEqual([undefined]);
  });

  it("is dropped when the server is gone, and never written", async () => {
    const events: string[] = [];
    const first = deferred<PublishVerdict>();
    const second = deferred<PublishVerdict>();
    const release = (name: string): PublishVerdict => ({
      kind: "release",
      sent: () => void events.push(`sent ${name}`),
      dropped: () => void events.push(`dropped ${name}`),
    });
    const on = connected({ decide: ({ subject }) => (subject === "a" ? first.promise : second.promise) });
    on.fromClient("PUB a 0\r\n\r\nPUB b 0\r\n\r\n");
    second.resolve(release("b"));
    await told();
    on.session.upstreamEnd();
    first.resolve(release("a"));
    await told();
    expect(on.upstream()).toBe("");
    expect(events).toEqual(["dropped b", "dropped a"]);
    expect(on.closed).toEqual([undefined]);
    on.fromClient("PING\r\n");
    on.fromServer("PING\r\n");
    expect(on.upstream() + on.client()).toBe("");
  });
});

describe("under verbose", () => {
  const connect = `CONNECT ${verbose}\r\n`;

  it("answers a refused publish in its turn, after a PONG of our own that the client doesn't see", () => {
    const on = connected({ decide: ({ subject }) => (subject === "a.b" ? DENIED : { kind: "release" }) }, connect);
    on.fromClient("PUB ok 0\r\n\r\nPUB a.b 0\r\n\r\nPUB ok 0\r\n\r\nPING\r\n");
    expect(on.upstream()).toBe("PUB ok 0\r\n\r\nPING\r\nPUB ok 0\r\n\r\nPING\r\n");
    expect(on.client()).toBe("");
    on.fromServer("+OK\r\nPONG\r\n+OK\r\nPONG\r\n");
    expect(on.client()).toBe(`+OK\r\n${DENIED_ERR}+OK\r\nPONG\r\n`);
  });

  it("answers a parked publish with +OK in its turn", () => {
    const on = connected({ decide: () => ({ kind: "park" }) }, connect);
    on.fromClient("SUB x 1\r\nPUB a.b 0\r\n\r\n");
    expect(on.upstream()).toBe("SUB x 1\r\nPING\r\n");
    on.fromServer("+OK\r\nPONG\r\n");
    expect(on.client()).toBe("+OK\r\n+OK\r\n");
  });

  it("keeps the +OK of our own operations from the client", () => {
    const on = connected({ decide: () => DENIED }, connect);
    on.fromClient("SUB r 9\r\nUNSUB 9 1\r\nPUB a.b r 0\r\n\r\n");
    expect(on.upstream()).toBe("SUB r 9\r\nUNSUB 9 1\r\nPING\r\nUNSUB 9\r\nPING\r\nPING\r\n");
    on.fromServer("+OK\r\n+OK\r\nPONG\r\n+OK\r\nPONG\r\nPONG\r\n");
    expect(on.client()).toBe(`+OK\r\n+OK\r\n${DENIED_ERR}${deniedReply("r", "9")}`);
  });

  it("is the default of a CONNECT that doesn't say, as with nats-server", () => {
    const on = connected({ decide: () => DENIED }, "CONNECT {}\r\n");
    on.fromClient("PUB a.b 0\r\n\r\n");
    expect(on.upstream()).toBe("PING\r\n");
  });
});

describe("bytes of our own", () => {
  it("wait for the first PONG to the client", () => {
    const on = record({ decide: () => DENIED });
    on.fromServer(INFO);
    on.fromClient(`${CONNECT}PING\r\nPUB a.b 0\r\n\r\n`);
    on.client();
    on.fromServer("PING\r\n");
    expect(on.client()).toBe("PING\r\n");
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe(`PONG\r\n${DENIED_ERR}`);
  });

  it("reach a client that never sends PING after a PONG of ours", () => {
    const on = record({ decide: () => DENIED });
    on.fromServer(INFO);
    on.fromClient(`${CONNECT}PUB a.b 0\r\n\r\n`);
    on.client();
    on.upstream();
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe(DENIED_ERR);
  });

  it("wait for the client's PONG when its PING came after ours", () => {
    const on = record({ decide: () => DENIED });
    on.fromServer(INFO);
    on.fromClient(`${CONNECT}PUB a.b 0\r\n\r\nPING\r\n`);
    on.client();
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe("");
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe(`PONG\r\n${DENIED_ERR}`);
  });

  it("wait for the end of a message that comes in pieces", () => {
    const on = connected({ decide: () => DENIED });
    on.fromServer("MSG x 1 10\r\n12345");
    on.fromClient("PUB a.b 0\r\n\r\n");
    expect(on.client()).toBe("MSG x 1 10\r\n12345");
    on.fromServer("67890\r");
    expect(on.client()).toBe("67890\r");
    on.fromServer("\nMSG x 1 0\r\n\r\n");
    expect(on.client()).toBe(`\n${DENIED_ERR}MSG x 1 0\r\n\r\n`);
  });

  it("pause the client when too many wait", () => {
    const on = connected({ decide: () => DENIED });
    on.fromServer("MSG x 1 10\r\n12345");
    on.fromClient("PUB a.b 0\r\n\r\n".repeat(15_000));
    expect(on.paused).toEqual([true]);
    const decidedCount = on.decided.length;
    expect(decidedCount).toBeLessThan(15_000);
    on.fromServer("67890\r\n");
    expect(on.paused).toEqual([true, false]);
    expect(on.decided).toHaveLength(15_000);
    expect(on.client().match(/-ERR/g)).toHaveLength(15_000);
  });
});

describe("what a parked message becomes later", () => {
  it("is answered on the inbox alone, if the client listens there", () => {
    const on = connected();
    on.fromClient("SUB r 1\r\n");
    expect(on.session.refuseLater("r", DENIED)).toBe(true);
    expect(on.client()).toBe(deniedReply("r", "1"));
    expect(on.session.refuseLater("elsewhere", DENIED)).toBe(false);
    expect(on.session.refuseLater("", DENIED)).toBe(false);
    expect(on.client()).toBe("");
  });

  it("is published on the connection while there is one", () => {
    const message = { subject: "a", reply: "", headers: [], payload: Buffer.from("hi") };
    const on = connected();
    expect(on.session.publishLater(message)).toBe(true);
    expect(on.upstream()).toBe("PUB a 2\r\nhi\r\n");
    expect(() => on.session.publishLater({ ...message, subject: "a b" })).toThrow(
      expect.objectContaining({ name: "WireError", code: "wire.unserialisable" }),
    );
    on.session.upstreamEnd();
    expect(on.session.publishLater(message)).toBe(false);
    expect(record().session.publishLater(message)).toBe(false);
  });
});
