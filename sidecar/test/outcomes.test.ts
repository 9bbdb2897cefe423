import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAgentV2, openAgentV3, type AgentClient, type Seen } from "./agent-client.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

const BODY = '{"secret":"hunter2","n":1}';
const REDACTED = '{"n":1,"secret":"***"}';

/** One way to publish: what is sent, and the subject that it becomes on the bus. */
interface Way {
  readonly name: string;
  subject(outcome: string): string;
  send(agent: AgentClient, outcome: string): Promise<Seen>;
  /** Whether the sender waits for an answer. */
  readonly answered: boolean;
}

const ways: readonly Way[] = [
  {
    name: "publish",
    answered: false,
    subject: (outcome) => `work.${outcome}`,
    send: async (agent, outcome) => agent.publish(`work.${outcome}`, BODY),
  },
  {
    name: "request",
    answered: true,
    subject: (outcome) => `ask.${outcome}`,
    send: async (agent, outcome) => agent.request(`ask.${outcome}`, BODY),
  },
  {
    name: "service request",
    answered: true,
    subject: (outcome) => `sums.add.${outcome}`,
    send: async (agent, outcome) => agent.request(`sums.add.${outcome}`, BODY),
  },
  {
    name: "JetStream publish",
    answered: true,
    subject: (outcome) => `stored.${outcome}`,
    send: async (agent, outcome) => agent.jetStreamPublish(`stored.${outcome}`, BODY),
  },
  {
    name: "KV put",
    answered: true,
    subject: (outcome) => `$KV.settings.${outcome}`,
    send: async (agent, outcome) => agent.kvPut("settings", outcome, BODY),
  },
];

const containing = (text: string): unknown => expect.stringContaining(text);

const clients = [
  { name: "@nats-io/transport-node", open: openAgentV3, isV2: false },
  { name: "nats", open: openAgentV2, isV2: true },
];

describe.each(clients)("an agent with $name", ({ open, isV2 }) => {
  let rig: Rig;
  let behind: NatsConnection;
  let agent: AgentClient;

  beforeAll(async () => {
    rig = await startRig({ rego: BY_LAST_TOKEN, config: { limits: { holdWaitMs: 100, drainMs: 2_000 } } });
    behind = await connect({ servers: rig.nats.url });
    for (const subject of ["ask.>", "sums.>"]) {
      behind.subscribe(subject, { callback: (_, message) => void message.respond(`echo ${message.string()}`) });
    }
    await (await jetstreamManager(behind)).streams.add({ name: "STORED", subjects: ["stored.>"] });
    await new Kvm(behind).create("settings");
    agent = await open(rig.url);
  });
  afterAll(async () => {
    await agent.close();
    await behind.close();
    await rig.stop();
  });
  beforeEach(() => {
    rig.tap.clear();
  });

  async function arrived(way: Way, outcome: string): Promise<readonly string[]> {
    const messages = await rig.tap.flushed();
    return messages.filter(({ subject }) => subject === way.subject(outcome)).map(({ text }) => text);
  }

  /** How this client shows a publish that was refused with this status. */
  function refusal(way: Way, cause: string): Partial<Record<keyof Seen, unknown>> {
    if (isV2) return { end: "NatsError", code: "PERMISSIONS_VIOLATION" };
    if (!way.answered) return { end: "PermissionViolationError", message: containing(cause) };
    return {
      end: "RequestError",
      cause: "PermissionViolationError",
      message: containing(cause),
    };
  }

  describe.each(ways)("and $name", (way) => {
    it("has an allowed message arrive as it was sent", async () => {
      expect(await way.send(agent, "allow")).toMatchObject({ end: "ok" });
      expect(await arrived(way, "allow")).toEqual([BODY]);
    });

    it("has a changed message arrive changed", async () => {
      expect(await way.send(agent, "mod")).toMatchObject({ end: "ok" });
      expect(await arrived(way, "mod")).toEqual([REDACTED]);
    });

    it("is refused at once, in its own error type, and nothing arrives", async () => {
      expect(await way.send(agent, "deny")).toMatchObject(refusal(way, "policy denied rule=test.deny id="));
      expect(await arrived(way, "deny")).toEqual([]);
    });

    it("is throttled when there are too many", async () => {
      expect(await way.send(agent, "throttle")).toMatchObject({ end: "ok" });
      expect(await way.send(agent, "throttle")).toMatchObject(refusal(way, "rate limited rule=test.throttle id="));
      expect(await arrived(way, "throttle")).toHaveLength(1);
    });

    it("waits a little for its turn when that is near", async () => {
      expect(await way.send(agent, "pace")).toMatchObject({ end: "ok" });
      expect(await way.send(agent, "pace")).toMatchObject({ end: "ok" });
      expect(await arrived(way, "pace")).toHaveLength(2);
    });

    it("is held, told 428 where it waits, and arrives exactly once when it is approved", async () => {
      const seen = await way.send(agent, "hold");
      expect(seen).toMatchObject(heldAs(way));
      expect(await arrived(way, "hold")).toEqual([]);
      const { body } = await rig.admin("GET", "/v1/approvals");
      const [hold] = body["approvals"] as readonly { readonly id: string; readonly subject: string }[];
      expect(hold?.subject).toBe(way.subject("hold"));
      const id = hold?.id ?? "";
      expect(await rig.admin("POST", `/v1/approvals/${id}/approve`)).toMatchObject({
        status: 200,
        body: { result: { kind: "release" } },
      });
      expect(await rig.admin("POST", `/v1/approvals/${id}/approve`)).toMatchObject({ status: 409 });
      const messages = await rig.tap.waitFor((message) => message.subject === way.subject("hold"));
      expect(messages.find(({ subject }) => subject === way.subject("hold"))?.headers).toContainEqual([
        "Nats-Msg-Id",
        id,
      ]);
      expect(await arrived(way, "hold")).toEqual([BODY]);
    });
  });

  function heldAs(way: Way): Partial<Record<keyof Seen, unknown>> {
    if (!way.answered) return { end: "ok" };
    if (way.name.includes("request")) return { end: "ok", errorCode: "428", answer: containing("awaiting approval") };
    return isV2 ? { end: "NatsError", code: "428" } : { end: "JetStreamApiError", code: 44_028 };
  }

  it("loses nothing of what it sends after a refusal", async () => {
    for (let i = 0; i < 50; i++) await agent.publish(i % 2 === 0 ? "work.allow" : "work.deny", String(i));
    const messages = await rig.tap.flushed();
    expect(messages.map(({ text }) => text)).toEqual(Array.from({ length: 25 }, (_, i) => String(i * 2)));
  });
});
