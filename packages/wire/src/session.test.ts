import { describe, expect, it } from "vitest";
import {
  CONNECT,
  connected,
  deferred,
  DENIED,
  INFO,
  record,
  told,
  type Deferred,
} from "./recording-host.test.support.ts";
import type { PublishRefusal, PublishVerdict } from "./session-types.ts";

const BODY =
  '{"error":{"code":403,"err_code":44003,"description":"policy denied: no_ext_email (decision d-1)"},"stream":"","seq":0}';
const HEADERS =
  "NATS/1.0\r\nNats-Service-Error-Code: 403\r\nNats-Service-Error: policy denied: no_ext_email\r\nCortexos-Decision-Id: d-1\r\nCortexos-Reason: no external mail\r\n\r\n";
const ERR = `-ERR 'Permissions Violation for Publish to "a.b": policy denied rule=no_ext_email id=d-1'\r\n`;

function hmsg(reply: string, sid: string, [headers, body] = [HEADERS, BODY]): string {
  return `HMSG ${reply} ${sid} ${headers.length} ${headers.length + body.length}\r\n${headers}${body}\r\n`;
}

const verbose = '{"verbose":true,"headers":true}';

describe("a publish that is released", () => {
  it("goes upstream as the same bytes when it is canonical, side by side ones as one slice", () => {
    const sent: string[] = [];
    const on = connected({ decide: ({ subject }) => ({ kind: "release", sent: () => void sent.push(subject) }) });
    const frames = "PUB a 2\r\nhi\r\nPUB b r 0\r\n\r\nHPUB c 18 20\r\nNATS/1.0\r\nA: 1\r\n\r\nhi\r\n";
    on.fromClient(frames);
    expect(on.upstreamWrites.map((bytes) => bytes.toString())).toEqual([frames]);
    expect(sent).toEqual(["a", "b", "c"]);
  });

  it("is written anew when it isn't canonical", () => {
    const on = connected();
    on.fromClient("pub\ta\t 02\nhi\r\nHPUB b 0 2\r\nhi\r\nHPUB c 17 19\r\nNATS/1.0\r\nA:1\r\n\r\nhi\r\n");
    expect(on.upstream()).toBe("PUB a 2\r\nhi\r\nPUB b 2\r\nhi\r\nHPUB c 18 20\r\nNATS/1.0\r\nA: 1\r\n\r\nhi\r\n");
  });

  it("goes upstream as the verdict changed it", () => {
    const on = connected({
      decide: (message) => ({
        kind: "release",
        message: { ...message, subject: "other", payload: Buffer.from("patched") },
      }),
    });
    on.fromClient("PUB a r 2\r\nhi\r\n");
    expect(on.upstream()).toBe("PUB other r 7\r\npatched\r\n");
  });

  it("is refused, and the host is told, when the changed message can't be written", () => {
    const dropped: string[] = [];
    const on = connected({
      decide: (message) => ({
        kind: "release",
        message: { ...message, headers: [["A", "1\r\nPUB evil 0"]] },
        dropped: () => void dropped.push(message.subject),
      }),
    });
    on.fromClient("PUB a 2\r\nhi\r\n");
    expect(on.upstream()).toBe("");
    expect(on.client()).toContain('Publish to "a": policy denied rule=wire.unserialisable');
    expect(on.refused.map(([, { ruleId }]) => ruleId)).toEqual(["wire.unserialisable"]);
    expect(dropped).toEqual(["a"]);
  });

  it("is refused when the changed message is larger than the server takes", () => {
    const on = connected({
      payloadBytesMax: 10,
      decide: (message) => ({ kind: "release", message: { ...message, payload: Buffer.alloc(11) } }),
    });
    on.fromClient("PUB a 2\r\nhi\r\n");
    expect(on.upstream()).toBe("");
    expect(on.client()).toContain("rule=wire.payload_too_large");
  });

  it.each([
    ["a wildcard", "PUB work.* 0\r\n\r\n", "subject.wildcard"],
    ["a full wildcard", "PUB > 0\r\n\r\n", "subject.wildcard"],
    ["an empty token", "PUB work..a 0\r\n\r\n", "subject.empty_token"],
    ["a byte outside ASCII", "PUB w\xff\xfe 0\r\n\r\n", "subject.not_printable_ascii"],
    ["an overlong dot", "PUB a\xc0\xaeb 0\r\n\r\n", "subject.not_printable_ascii"],
    ["1,000 tokens", `PUB ${"a.".repeat(499)}a 0\r\n\r\n`, "subject.too_many_tokens"],
    ["2,000 bytes", `PUB ${"a".repeat(2_000)} 0\r\n\r\n`, "subject.too_long"],
    ["a wildcard reply", "PUB a foo.> 0\r\n\r\n", "reply.invalid"],
  ])("is never written with %s in its subject, whatever the host says", (_, frame, ruleId) => {
    const on = connected({ host: { standing: () => ({ isCurrent: () => true, account: () => undefined }) } });
    on.fromClient(frame);
    expect(on.upstream()).toBe("");
    expect(on.decided).toHaveLength(1);
    expect(on.refused.map(([, refusal]) => refusal.ruleId)).toEqual([ruleId]);
    expect(on.client()).toMatch(
      /^-ERR 'Permissions Violation for Publish to "[^'"\s]+": policy denied rule=\S+ id=-'\r\n$/,
    );
    expect(on.closed).toEqual([]);
  });
});

describe("a publish that is refused", () => {
  it("gives an error, then the reply on the client's own inbox", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("SUB _INBOX.x.* 7\r\nPUB a.b _INBOX.x.1 2\r\nhi\r\n");
    expect(on.upstream()).toBe("SUB _INBOX.x.* 7\r\n");
    expect(on.client()).toBe(ERR + hmsg("_INBOX.x.1", "7"));
  });

  it("gives the error alone when there is no reply", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("PUB a.b 2\r\nhi\r\n");
    expect(on.client()).toBe(ERR);
  });

  it("replies to nobody else, so that no bytes reach a subject of the sender's choosing", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient(
      "SUB _INBOX.mine.* 1\r\nPUB a.b $JS.API.STREAM.PURGE.AUD 2\r\nhi\r\nPUB a.b _INBOX.victim.1 0\r\n\r\n",
    );
    expect(on.upstream()).toBe("SUB _INBOX.mine.* 1\r\n");
    expect(on.client()).toBe(ERR + ERR);
  });

  it("replies with MSG and the JSON body to a client that takes no headers", () => {
    const on = connected({ decide: () => DENIED }, 'CONNECT {"verbose":false}\r\n');
    on.fromClient("SUB _INBOX.x 7\r\nPUB a.b _INBOX.x 2\r\nhi\r\n");
    expect(on.client()).toBe(`${ERR}MSG _INBOX.x 7 ${BODY.length}\r\n${BODY}\r\n`);
  });

  it("names what is rate limited, with the time to wait in seconds", () => {
    const on = connected({ decide: () => ({ ...DENIED, status: 429, retryAfterMs: 1_200 }) });
    on.fromClient("SUB r 1\r\nPUB a.b r 0\r\n\r\n");
    const seen = on.client();
    expect(seen).toContain(`-ERR 'Permissions Violation for Publish to "a.b": rate limited rule=no_ext_email id=d-1 retry_after_ms=1200'`);
    expect(seen).toContain("Nats-Service-Error-Code: 429\r\n");
    expect(seen).toContain("Retry-After: 2\r\n");
    expect(seen).toContain('"err_code":10167,"description":"rate limited: no_ext_email (decision d-1)"');
  });

  it("gives the reply alone when a request awaits approval, and the error when there is no one to reply to", () => {
    const on = connected({ decide: () => ({ ...DENIED, status: 428 }) });
    on.fromClient("SUB r 1\r\nPUB a.b r 0\r\n\r\n");
    expect(on.client()).toMatch(/^HMSG r 1 \d+ \d+\r\n.*"err_code":44028,"description":"awaiting approval: /s);
    on.fromClient("PUB a.b 0\r\n\r\n");
    expect(on.client()).toBe(
      `-ERR 'Permissions Violation for Publish to "a.b": awaiting approval rule=no_ext_email id=d-1'\r\n`,
    );
  });

  it("ends a subscription upstream when the reply was its last message", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("SUB r 9\r\nUNSUB 9 1\r\nPUB a.b r 0\r\n\r\n");
    expect(on.upstream()).toBe("SUB r 9\r\nUNSUB 9 1\r\nUNSUB 9\r\n");
    on.fromClient("PUB a.b r 0\r\n\r\n");
    expect(on.client()).toBe(ERR + hmsg("r", "9") + ERR);
  });

  it("lowers the server's count by the replies that the client counts", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("SUB r 9\r\nUNSUB 9 3\r\nPUB a.b r 0\r\n\r\n");
    expect(on.upstream()).toBe("SUB r 9\r\nUNSUB 9 3\r\nUNSUB 9 2\r\n");
    on.fromServer("MSG r 9 0\r\n\r\n");
    on.fromClient("PUB a.b r 0\r\n\r\n");
    expect(on.upstream()).toBe("UNSUB 9\r\n");
  });

  it("counts replies that came before the client set its maximum", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("SUB r 9\r\nPUB a.b r 0\r\n\r\nUNSUB 9 3\r\n");
    expect(on.upstream()).toBe("SUB r 9\r\nUNSUB 9 2\r\n");
    on.fromServer("MSG r 9 0\r\n\r\nMSG r 9 0\r\n\r\n");
    on.client();
    on.fromClient("PUB a.b r 0\r\n\r\n");
    expect(on.client()).toBe(ERR);
  });
});

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
    expect(on.client()).toBe(hmsg("r", "1"));
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
    expect(on.client()).toBe(`+OK\r\n${ERR}+OK\r\nPONG\r\n`);
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
    expect(on.client()).toBe(`+OK\r\n+OK\r\n${ERR}${hmsg("r", "9")}`);
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
    expect(on.client()).toBe(`PONG\r\n${ERR}`);
  });

  it("reach a client that never sends PING after a PONG of ours", () => {
    const on = record({ decide: () => DENIED });
    on.fromServer(INFO);
    on.fromClient(`${CONNECT}PUB a.b 0\r\n\r\n`);
    on.client();
    on.upstream();
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe(ERR);
  });

  it("wait for the client's PONG when its PING came after ours", () => {
    const on = record({ decide: () => DENIED });
    on.fromServer(INFO);
    on.fromClient(`${CONNECT}PUB a.b 0\r\n\r\nPING\r\n`);
    on.client();
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe("");
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe(`PONG\r\n${ERR}`);
  });

  it("wait for the end of a message that comes in pieces", () => {
    const on = connected({ decide: () => DENIED });
    on.fromServer("MSG x 1 10\r\n12345");
    on.fromClient("PUB a.b 0\r\n\r\n");
    expect(on.client()).toBe("MSG x 1 10\r\n12345");
    on.fromServer("67890\r");
    expect(on.client()).toBe("67890\r");
    on.fromServer("\nMSG x 1 0\r\n\r\n");
    expect(on.client()).toBe(`\n${ERR}MSG x 1 0\r\n\r\n`);
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
    expect(on.client()).toBe(hmsg("r", "1"));
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
