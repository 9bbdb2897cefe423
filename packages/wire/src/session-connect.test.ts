import { describe, expect, it } from "vitest";
import { CONNECT, connected, deferred, DENIED, INFO, record, told } from "./recording-host.test.support.ts";
import type { PublishVerdict } from "./session-types.ts";

describe("the start of a connection", () => {
  it("rewrites INFO, builds CONNECT anew and passes PING and PONG", () => {
    const on = record();
    on.fromServer(INFO);
    expect(on.client()).toBe(
      'INFO {"server_id":"S","host":"127.0.0.1","port":4333,"headers":true,"max_payload":1048576}\r\n',
    );
    on.fromClient(
      'CONNECT {"verbose":false,"pedantic":true,"name":"n","user":"u","pass":"p","account":"X"}\r\nPING\r\n',
    );
    expect(on.upstream()).toBe(
      'CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"name":"n","protocol":0,"echo":true,"headers":false,"no_responders":false,"user":"u","pass":"p"}\r\nPING\r\n',
    );
    on.fromServer("PONG\r\n");
    expect(on.client()).toBe("PONG\r\n");
  });

  it("takes a CONNECT that came before the INFO once the INFO is there", () => {
    const on = record();
    on.fromClient(`${CONNECT}PUB a 0\r\n\r\n`);
    expect(on.upstream()).toBe("");
    expect(on.paused).toEqual([true]);
    on.fromServer(INFO);
    expect(on.upstream()).toMatch(/^CONNECT \{.*\}\r\nPUB a 0\r\n\r\n$/);
    expect(on.paused).toEqual([true, false]);
  });

  it("sends what came from a client that left before the INFO was there", () => {
    const on = record();
    on.fromClient(`${CONNECT}PUB a 2\r\nhi\r\nPUB`);
    on.session.clientEnd();
    expect(on.closed).toEqual([]);
    on.fromServer(INFO);
    expect(on.upstream()).toContain("PUB a 2\r\nhi\r\n");
    expect(on.closed).toEqual([undefined]);
  });

  it("asks the host who connects, and writes the credentials that it gives", () => {
    const seen: unknown[] = [];
    const on = record({
      host: {
        connect: (connect, info) => {
          seen.push(connect.credentials, info.nonce);
          return { kind: "accept", credentials: { jwt: "J", sig: "S" }, proxySignature: "P" };
        },
      },
    });
    on.fromServer('INFO {"nonce":"N"}\r\n');
    on.fromClient('CONNECT {"user":"agent","pass":"secret","verbose":false,"proxy_sig":"forged"}\r\n');
    expect(seen).toEqual([{ user: "agent", pass: "secret" }, "N"]);
    const upstream = on.upstream();
    expect(upstream).toContain('"jwt":"J","sig":"S","proxy_sig":"P"}');
    expect(upstream).not.toMatch(/agent|secret|forged/);
  });

  it("signs the client's own credentials when the host gives a signature alone", () => {
    const on = record({ host: { connect: () => ({ kind: "accept", proxySignature: "P" }) } });
    on.fromServer(INFO);
    on.fromClient('CONNECT {"auth_token":"T"}\r\n');
    expect(on.upstream()).toContain('"auth_token":"T","proxy_sig":"P"}');
  });

  it("closes with the server's own words when the host maps the client to nobody", () => {
    const on = record({ host: { connect: () => ({ kind: "refuse", reason: "no such user" }) } });
    on.fromServer(INFO);
    on.client();
    on.fromClient(`${CONNECT}PUB a 0\r\n\r\n`);
    expect(on.client()).toBe("-ERR 'Authorization Violation'\r\n");
    expect(on.upstream()).toBe("");
    expect(on.closed).toEqual(["wire.connect_refused"]);
  });

  it.each([
    ["PUB a 0\r\n\r\n", "wire.before_connect"],
    // At its line: whoever isn't anybody yet has nothing kept for it.
    ["PUB a 1000\r\n", "wire.before_connect"],
    ["HPUB a 12 1000\r\nNATS", "wire.before_connect"],
    ["SUB a 1\r\n", "wire.before_connect"],
    ["UNSUB 1\r\n", "wire.before_connect"],
    [`PUB a 0\r\n\r\n${CONNECT}PUB a 0\r\n\r\n`, "wire.before_connect"],
    // Whatever the message: one without header lines would pass as a PUB, and one that is refused would not reach the server that closes.
    ['CONNECT {"verbose":false}\r\nHPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n', "wire.no_headers"],
    ['CONNECT {"headers":false}\r\nHPUB .a 18 18\r\nNATS/1.0\r\nA: 1\r\n\r\n\r\n', "wire.no_headers"],
    [`${CONNECT}${CONNECT}`, "wire.second_connect"],
    ['CONNECT {"user":"agent","USER":"admin"}\r\n', "wire.connect"],
  ])("closes on %j", (stream, code) => {
    const on = record();
    on.fromServer(INFO);
    on.fromClient(stream);
    expect(on.closed).toEqual([code]);
    expect(on.decided).toEqual([]);
    expect(on.upstream()).not.toContain("PUB");
  });

  it("passes PING before CONNECT, as nats-server answers it", () => {
    const on = record();
    on.fromServer(INFO);
    on.fromClient("PING\r\n");
    expect(on.upstream()).toBe("PING\r\n");
    expect(on.closed).toEqual([]);
  });

  it("tells the host of every INFO and takes the smallest payload limit seen", () => {
    const limits: unknown[] = [];
    const on = connected({ host: { serverInfo: (info) => void limits.push(info.payloadBytesMax) } });
    on.fromServer('INFO {"max_payload":5,"ldm":true}\r\n');
    expect(on.client()).toBe('INFO {"max_payload":5,"ldm":true,"host":"127.0.0.1","port":4333}\r\n');
    on.fromServer('INFO {"max_payload":1000}\r\n');
    expect(limits).toEqual([1_048_576, 5, 1_000]);
    on.client();
    on.fromClient("PUB a 6\r\n");
    expect(on.client()).toBe("-ERR 'Maximum Payload Violation'\r\n");
    expect(on.closed).toEqual(["wire.payload_too_large"]);
  });
});

describe("a violation", () => {
  it("closes after what came before it was decided and written", async () => {
    const first = deferred<PublishVerdict>();
    const on = connected({ decide: () => first.promise });
    on.fromClient("PUB a 0\r\n\r\nHELLO\r\nPUB b 0\r\n\r\n");
    on.fromClient("PUB c 0\r\n\r\n");
    expect(on.closed).toEqual([]);
    first.resolve({ kind: "release" });
    await told();
    expect(on.upstream()).toBe("PUB a 0\r\n\r\n");
    expect(on.client()).toBe("-ERR 'Unknown Protocol Operation'\r\n");
    expect(on.closed).toEqual(["wire.unknown_operation"]);
  });

  it("is told after what came before it is written", () => {
    const events: string[] = [];
    const on = connected({
      host: {
        writeUpstream: (bytes) => void events.push(Buffer.from(bytes).toString()),
        close: (fault) => void events.push(fault?.code ?? "close"),
      },
    });
    events.length = 0;
    on.fromClient("PUB a 0\r\n\r\nHELLO\r\n");
    expect(events).toEqual(["PUB a 0\r\n\r\n", "wire.unknown_operation"]);
  });

  it("is silent where nats-server is silent", () => {
    const on = connected();
    on.fromClient("PUB a +2\r\n");
    expect(on.client()).toBe("");
    expect(on.closed).toEqual(["wire.size"]);
  });

  it("says nothing into a message that is half written", () => {
    const on = connected();
    on.fromServer("MSG x 1 10\r\n123");
    on.client();
    on.fromClient("HELLO\r\n");
    expect(on.client()).toBe("");
    expect(on.closed).toEqual(["wire.unknown_operation"]);
  });

  it.each(["HELLO\r\n", "MSG a 1\r\n", "MSG a 1 x\r\n", "HMSG a 1 5\r\n", "INFO 1\r\n", "msg a 1 0\r\n\r\n", "\r\n"])(
    "of the server ends the session: %j",
    (bytes) => {
      const on = connected({ decide: () => DENIED });
      on.fromServer(`PING\r\n${bytes}`);
      expect(on.client()).toBe("PING\r\n");
      expect(on.closed).toEqual(["wire.upstream"]);
    },
  );

  it("of the host's own code ends the session and is passed on, and nothing is written", () => {
    const on = connected({
      host: {
        standing: () => ({
          isCurrent: () => true,
          account: () => {
            throw new Error("full");
          },
        }),
      },
    });
    expect(() => {
      on.fromClient("PUB a 0\r\n\r\n");
    }).toThrow("full");
    expect(on.upstream()).toBe("");
    expect(on.closed).toEqual([undefined]);
    on.fromClient("PUB a 0\r\n\r\n");
    expect(on.upstream()).toBe("");
  });
});
