import { describe, expect, it } from "vitest";
import { connected, DENIED, DENIED_BODY, DENIED_ERR, deniedReply } from "./recording-host.test.support.ts";

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

  it("is refused when the changed message has headers and the client has none: the server would close the connection", () => {
    const on = connected(
      { decide: (message) => ({ kind: "release", message: { ...message, headers: [["A", "1"]] } }) },
      'CONNECT {"verbose":false}\r\n',
    );
    on.fromClient("PUB a 2\r\nhi\r\n");
    expect(on.upstream()).toBe("");
    expect(on.client()).toContain("rule=wire.no_headers");
    expect(() =>
      on.session.publishLater({ subject: "a", reply: "", headers: [["A", "1"]], payload: Buffer.from("hi") }),
    ).toThrow(/headers/);
    expect(on.upstream()).toBe("");
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
    expect(on.client()).toBe(DENIED_ERR + deniedReply("_INBOX.x.1", "7"));
  });

  it("gives the error alone when there is no reply", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient("PUB a.b 2\r\nhi\r\n");
    expect(on.client()).toBe(DENIED_ERR);
  });

  it("replies to nobody else, so that no bytes reach a subject of the sender's choosing", () => {
    const on = connected({ decide: () => DENIED });
    on.fromClient(
      "SUB _INBOX.mine.* 1\r\nPUB a.b $JS.API.STREAM.PURGE.AUD 2\r\nhi\r\nPUB a.b _INBOX.victim.1 0\r\n\r\n",
    );
    expect(on.upstream()).toBe("SUB _INBOX.mine.* 1\r\n");
    expect(on.client()).toBe(DENIED_ERR + DENIED_ERR);
  });

  it("replies with MSG and the JSON body to a client that takes no headers", () => {
    const on = connected({ decide: () => DENIED }, 'CONNECT {"verbose":false}\r\n');
    on.fromClient("SUB _INBOX.x 7\r\nPUB a.b _INBOX.x 2\r\nhi\r\n");
    expect(on.client()).toBe(`${DENIED_ERR}MSG _INBOX.x 7 ${DENIED_BODY.length}\r\n${DENIED_BODY}\r\n`);
  });

  it("names what is rate limited, with the time to wait in seconds", () => {
    const on = connected({ decide: () => ({ ...DENIED, status: 429, retryAfterMs: 1_200 }) });
    on.fromClient("SUB r 1\r\nPUB a.b r 0\r\n\r\n");
    const seen = on.client();
    expect(seen).toContain(
      `-ERR 'Permissions Violation for Publish to "a.b": rate limited rule=no_ext_email id=d-1 retry_after_ms=1200'`,
    );
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
    expect(on.client()).toBe(DENIED_ERR + deniedReply("r", "9") + DENIED_ERR);
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
    expect(on.client()).toBe(DENIED_ERR);
  });
});
