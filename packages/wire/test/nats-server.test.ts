import { rawConnect, startNatsServer, tap, type NatsServer, type RawClient } from "@cortexos/devkit";
import type { PublishRefusal, PublishVerdict } from "@cortexos/wire";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, errors, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestProxy, type TestProxy } from "./test-proxy.ts";

const DENIED: PublishRefusal = { kind: "refuse", status: 403, reason: "no", ruleId: "no_deny", decisionId: "d-1" };

let server: NatsServer;
let proxy: TestProxy;

beforeAll(async () => {
  server = await startNatsServer();
  const decide = async (subject: string): Promise<PublishVerdict> => {
    await Promise.resolve();
    return /deny/.test(subject) ? DENIED : { kind: "release" };
  };
  proxy = await startTestProxy(server.port, {
    decide: ({ subject }) => (subject.startsWith("now.") ? decideNow(subject) : decide(subject)),
    standing: (subject) => (subject === "stand" ? { isCurrent: () => true, account: () => undefined } : undefined),
  });
});

function decideNow(subject: string): PublishVerdict {
  return /deny/.test(subject) ? DENIED : { kind: "release" };
}

afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

/** What a client that sends these bytes gets, from INFO's end to its own PONG or the end of the connection. */
async function converse(port: number, segments: readonly string[]): Promise<string> {
  const client = await rawConnect(port);
  await client.waitFor(/INFO .*\r\n/);
  const greeting = client.received().length;
  for (const segment of segments) {
    await client.write(Buffer.from(segment, "latin1"));
    // A turn of the loop, so that the kernel sends each segment by itself.
    await new Promise((done) => setImmediate(done));
  }
  await Promise.race([client.waitForClose(), untilPongs(client, segments.join(""))]);
  client.close();
  return client
    .received()
    .slice(greeting)
    .replaceAll(/INFO .*\r\n/g, "");
}

async function untilPongs(client: RawClient, sent: string): Promise<void> {
  for (const _ of sent.matchAll(/PING\r\n/g)) await client.waitFor("PONG\r\n");
}

const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"protocol":1}\r\n';
const VERBOSE = 'CONNECT {"verbose":true,"pedantic":false,"headers":true,"protocol":1}\r\n';

describe("beside a real nats-server", () => {
  it.each([
    ["plain publish and delivery", `${CONNECT}SUB a 1\r\nPUB a 2\r\nhi\r\nPUB a r 0\r\n\r\nPING\r\n`],
    ["headers", `${CONNECT}SUB a 1\r\nHPUB a 18 20\r\nNATS/1.0\r\nA: 1\r\n\r\nhi\r\nPING\r\n`],
    ["verbs in any case, tabs and LF", `${CONNECT}sub\ta \t1\nPuB a\t2\nhi\r\nping\r\nPING\r\n`],
    ["a header size of 0", `${CONNECT}SUB a 1\r\nHPUB a 0 2\r\nhi\r\nPING\r\n`],
    [
      "queue groups and automatic UNSUB",
      `${CONNECT}SUB a q 1\r\nUNSUB 1 1\r\nPUB a 1\r\n1\r\nPUB a 1\r\n2\r\nPING\r\n`,
    ],
    ["no responders", `${CONNECT}SUB _INBOX.a.* 1\r\nPUB nobody _INBOX.a.1 0\r\n\r\nPING\r\n`],
    ["a standing verdict", `${CONNECT}SUB stand 1\r\n${"PUB stand 2\r\nhi\r\n".repeat(5)}PING\r\n`],
    ["verbose", `${VERBOSE}SUB a 1\r\nPUB a 2\r\nhi\r\nUNSUB 1\r\nPING\r\n`],
    ["no CONNECT but PING", "PING\r\n"],
    ["a payload over the limit", `${CONNECT}PUB a 9000000\r\n`],
    ["an unknown operation", `${CONNECT}HELLO\r\n`],
    ["MSG from a client", `${CONNECT}MSG a 1 0\r\n\r\n`],
    ["an empty line", `${CONNECT}\r\n`],
    ["a control line over the limit", `${CONNECT}PUB ${"a".repeat(5_000)} 0\r\n\r\n`],
    ["a payload without CRLF", `${CONNECT}PUB a 2\r\nhiPING\r\n`],
    ["a size with a sign", `${CONNECT}PUB a +2\r\nhi\r\nPING\r\n`],
    ["too many arguments", `${CONNECT}PUB a b c 2\r\nhi\r\nPING\r\n`],
    ["a header size above the total", `${CONNECT}HPUB a 4 2\r\nhi\r\nPING\r\n`],
  ])("a client sees through the proxy what it sees without: %s", async (_, stream) => {
    const direct = await converse(server.port, [stream]);
    expect(await converse(proxy.port, [stream])).toBe(direct);
    const middle = Math.floor(stream.length * 0.7);
    expect(await converse(proxy.port, [stream.slice(0, middle), stream.slice(middle)])).toBe(direct);
  });

  it("a stream that means two things to nats-server means nothing here", async () => {
    const behind = await tap(server.url, "work.>");
    const stream = `${CONNECT}PUB work.a\rb 55\n${"x".repeat(55)}\r\nPUB work.c 2\r\nhi\r\nPING\r\n`;
    const at = stream.indexOf("\rb") + 1;
    await converse(proxy.port, [stream]);
    await converse(proxy.port, [stream.slice(0, at), stream.slice(at)]);
    expect(await behind.flushed()).toEqual([]);
    expect(proxy.faults.slice(-2)).toEqual(["wire.control_line", "wire.control_line"]);
    await behind.close();
  });

  it("under verbose a refused publish gets its one answer in its turn, and the server's are not lost", async () => {
    const stream = [
      VERBOSE,
      "SUB r 9\r\n",
      "UNSUB 9 1\r\n",
      "PUB ok 0\r\n\r\n",
      "PUB deny r 0\r\n\r\n",
      "PUB ok 0\r\n\r\n",
    ];
    const seen = await converse(proxy.port, [`${stream.join("")}PING\r\n`]);
    const answers = seen.replaceAll(/HMSG r 9 (\d+) (\d+)\r\n[^]*?"seq":0\}\r\n/g, "<reply>");
    const error = `-ERR 'Permissions Violation for Publish to "deny": policy denied rule=no_deny id=d-1'\r\n`;
    expect(answers).toBe(`${"+OK\r\n".repeat(4)}${error}<reply>+OK\r\nPONG\r\n`);
  });

  it.each(["deny", "now.deny"])(
    "the official client's request to %s is refused at once, and its publish is told",
    async (subject) => {
      const client: NatsConnection = await connect({ servers: proxy.url, reconnect: false });
      const statuses = client.status();
      await expect(client.request(subject, "x", { timeout: 5_000 })).rejects.toThrow(errors.RequestError);
      client.publish(subject, "x");
      await client.flush();
      const kinds: string[] = [];
      for await (const status of statuses) {
        kinds.push(status.type);
        if (kinds.filter((kind) => kind === "error").length === 2) break;
      }
      expect(client.isClosed()).toBe(false);
      await client.close();
    },
  );

  it("the official client's JetStream publish works, and is refused by JetStream's own error", async () => {
    const client = await connect({ servers: proxy.url });
    const manager = await jetstreamManager(client);
    await manager.streams.add({ name: "S", subjects: ["js.>"], storage: "memory" });
    const stream = jetstream(client);
    expect((await stream.publish("js.ok", "x")).seq).toBe(1);
    await expect(stream.publish("js.deny", "x", { retries: 0 })).rejects.toThrow(/policy denied/);
    expect((await manager.streams.info("S")).state.messages).toBe(1);
    await client.drain();
  });
});
