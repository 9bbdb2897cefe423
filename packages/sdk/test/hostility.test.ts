import { startNatsServer, tap, type NatsServer, type Tap } from "@cortexos/devkit";
import type { DecisionRecord } from "@cortexos/protocol";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Guarded } from "../src/index.ts";
import { guardOptions, LINES, makeHeaders, open } from "./agents.ts";
import { withPoison } from "./poisoned.ts";
import { ALLOW_ALL, BY_LAST_TOKEN, buildTestBundle, type TestBundle } from "./test-bundle.ts";

describe.each(LINES)("a hostile process over %s", (line) => {
  let nats: NatsServer;
  let allowAll: TestBundle;
  let byLastToken: TestBundle;
  let behind: Tap;
  let nc: Guarded<NatsConnection>;
  beforeAll(async () => {
    nats = await startNatsServer({ jetStream: false });
    allowAll = await buildTestBundle(ALLOW_ALL);
    byLastToken = await buildTestBundle(BY_LAST_TOKEN);
    behind = await tap(nats.url, ">");
  });
  afterAll(async () => {
    await behind.close();
    await nats.stop();
  });
  beforeEach(async () => {
    behind.clear();
    nc = await open(line, nats.url, guardOptions(allowAll));
  });
  afterEach(async () => nc.close());
  const reached = async (): Promise<readonly unknown[]> => {
    await nc.flush();
    return (await behind.flushed()).map(({ subject, reply, text }) => [subject, reply, text]);
  };
  const anything = (value: unknown): never => value as never;

  it.each([
    ["a subject with a line end", () => nc.publish("a.b 0\r\n\r\nPUB evil", "x")],
    ["a subject with a blank", () => nc.publish("a b", "x")],
    ["a subject with a tab", () => nc.publish("a\tb", "x")],
    ["a subject with a NUL", () => nc.publish("a\0b", "x")],
    ["a reply with a line end", () => nc.publish("a.b", "x", { reply: "r 1\r\nx\r\nPUB evil" })],
    ["a reply with a blank", () => nc.publish("a.b", "x", { reply: "r r" })],
    ["a subject that is no text", () => nc.publish(anything({ toString: () => "a.b" }), "x")],
    ["a reply that is no text", () => nc.publish("a.b", "x", { reply: anything(["r"]) })],
    ["a payload that is none", () => nc.publish("a.b", anything({ length: 3 }))],
    ["headers that are none", () => nc.publish("a.b", "x", { headers: anything({ toString: () => "NATS/1.0" }) })],
    [
      "headers that encode to a publish",
      () =>
        nc.publish("a.b", "x", {
          headers: anything({ encode: () => Buffer.from("NATS/1.0\r\n\r\nPUB evil 0\r\n\r\n") }),
        }),
    ],
    ["a wildcard", () => nc.publish("a.*", "x")],
    ["a queue with a publish in it", () => nc.subscribe("s", { queue: "q 7\r\nPUB evil 1\r\nx\r\nSUB s2" })],
    ["more than the server takes", () => nc.publish("a.b", new Uint8Array(1_048_577))],
  ])("can't send %s: it throws, and nothing is written", async (_, send) => {
    expect(send).toThrow(Error);
    expect(await reached()).toEqual([]);
    expect(nc.isClosed()).toBe(false);
  });

  it("changes nothing by what it does with its buffers and headers afterwards", async () => {
    await nc.close();
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    nc = await open(
      line,
      nats.url,
      guardOptions(allowAll, { records: { kind: "sink", sink: { append: async () => gate } } }),
    );
    const payload = Buffer.from("decided");
    const headers = makeHeaders(line, [["a", "1"]]);
    const options = { headers, reply: "r.r" };
    nc.publish("a.b", payload, options);
    payload.fill("x");
    headers.set("a", "2");
    options.reply = "evil";
    letGo();
    expect(await reached()).toEqual([["a.b", "r.r", "decided"]]);
    expect(behind.messages()[0]?.headers).toEqual([["a", "1"]]);
  });

  it("sends what was decided, whatever its getters say next", async () => {
    let asked = 0;
    const replies = ["r.1", "r.2", "r.3", "r.4"];
    let last: DecisionRecord | undefined;
    nc.on("decision", (record) => {
      last = record;
    });
    const options = {
      get reply() {
        return replies[asked++];
      },
    };
    nc.publish("a.b", "x", anything(options));
    // The connection's own check may look first: what is decided is what is sent, however often it was asked for.
    expect(await reached()).toEqual([["a.b", replies[asked - 1], "x"]]);
    expect(last?.input.message.reply).toBe(replies[asked - 1]);
  });

  it("changes no decision with poisoned prototypes", async () => {
    await nc.close();
    nc = await open(line, nats.url, guardOptions(byLastToken));
    const decided: string[] = [];
    const sendAll = (around: <T>(run: () => T) => T): void => {
      for (const last of ["plain", "deny", "mod", "undecided"]) {
        let outcome = "sent";
        around(() => {
          try {
            nc.publish(`h.${last}`, '{"secret":"s3"}');
          } catch {
            outcome = "thrown";
          }
        });
        decided.push(`${last} ${outcome}`);
      }
    };
    const outcomes: string[] = [];
    nc.on("decision", ({ decision, input }) => {
      outcomes[outcomes.length] =
        `${input.message.subject} ${input.message.reply} ${decision.outcome} ${decision.rule_ids[0]}`;
    });
    sendAll((run) => run());
    sendAll(withPoison);
    expect(decided.slice(4)).toEqual(decided.slice(0, 4));
    expect(outcomes.slice(4)).toEqual(outcomes.slice(0, 4));
    expect(decided.slice(0, 4)).toEqual(["plain sent", "deny thrown", "mod sent", "undecided thrown"]);
    const messages = await reached();
    expect(messages.slice(2)).toEqual(messages.slice(0, 2));
    expect(messages).toHaveLength(4);
  });

  it("can't put its own methods in place of the guard's", () => {
    const protocol = Reflect.get(nc, "protocol") as object;
    for (const [owner, name] of [
      [protocol, "publish"],
      [protocol, "sendCommand"],
      [nc, "publish"],
      [nc, "request"],
    ] as const) {
      expect(Reflect.set(owner, name, () => undefined)).toBe(false);
      expect(Reflect.deleteProperty(owner, name)).toBe(false);
    }
  });
});
