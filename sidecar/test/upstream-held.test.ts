import { eventually, freePort } from "@cortexos/devkit";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { BY_LAST_TOKEN } from "./test-bundle.ts";

let rig: Rig;
const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).toReversed()) await close();
});

async function start(limits: object = {}): Promise<void> {
  // The server comes back on the same port.
  const port = await freePort();
  rig = await startRig({
    rego: BY_LAST_TOKEN,
    nats: { port },
    tapped: false,
    config: { limits: { drainMs: 200, holdWaitMs: 100, ...limits } },
  });
  closes.push(async () => rig.stop());
  await keepWork();
  await isUp();
}

async function openAgent(): Promise<NatsConnection> {
  const agent = await connect({ servers: rig.url, reconnectTimeWait: 20, maxReconnectAttempts: -1, name: "agent" });
  closes.push(async () => agent.close());
  return agent;
}

/** The messages that ever reached the bus: its stream outlives the server's end. */
async function arrived(): Promise<readonly string[]> {
  const watcher = await connect({ servers: rig.nats.url });
  try {
    const { streams } = await jetstreamManager(watcher);
    const { state } = await streams.info("WORK");
    const texts: string[] = [];
    for (let seq = 1; seq <= state.last_seq; seq++) {
      texts.push((await streams.getMessage("WORK", { seq }))?.string() ?? "");
    }
    return texts;
  } finally {
    await watcher.close();
  }
}

async function keepWork(): Promise<void> {
  const watcher = await connect({ servers: rig.nats.url });
  const { streams } = await jetstreamManager(watcher);
  await streams.add({ name: "WORK", subjects: ["work.>"], storage: "file" });
  await watcher.close();
}

async function isUp(): Promise<void> {
  await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === true, { what: "the sidecar's own connection" });
}

async function isAway(): Promise<void> {
  await eventually(() => rig.sidecar.readiness()["upstream"]?.ok === false, { what: "the loss" });
}

/** Waits for the one held message. */
async function heldId(): Promise<string> {
  return eventually(
    async () => {
      const { body } = await rig.admin("GET", "/v1/approvals");
      return (body["approvals"] as readonly { readonly id: string }[])[0]?.id;
    },
    { what: "a held message" },
  );
}

async function approve(id: string): Promise<void> {
  expect(await rig.admin("POST", `/v1/approvals/${id}/approve`)).toMatchObject({ status: 200 });
}

/** The outcome that was recorded for the only message, once there is one. */
async function outcome(): Promise<string> {
  const results = (): readonly string[] =>
    rig.sidecar.recentRecords().flatMap((record) => (record.type === "outcome" ? [record.result] : []));
  await eventually(() => results().length > 0, { what: "the outcome" });
  return results().join(" ");
}

describe("a held message", () => {
  it("outlives its upstream and its client's connection: approved after both are back, it arrives once, and so does its answer", async () => {
    await start();
    const agent = await openAgent();
    const answers: string[] = [];
    agent.subscribe("_INBOX.mine", { callback: (_, message) => void answers.push(message.string()) });
    const reconnected = reconnect(agent);
    agent.publish("work.hold", "x", { reply: "_INBOX.mine" });
    const id = await heldId();
    await eventually(() => answers.some((answer) => answer.includes(id)), { what: "the pending answer" });
    await rig.nats.restart();
    await reconnected;
    await isUp();
    const service = await connect({ servers: rig.nats.url });
    closes.push(async () => service.close());
    service.subscribe("work.hold", { callback: (_, message) => void message.respond(`done ${message.string()}`) });
    await service.flush();
    await approve(id);
    await eventually(() => answers.includes("done x"), { what: "the answer" });
    expect(await outcome()).toBe("released");
    expect(await arrived()).toEqual(["x"]);
    expect(answers.filter((answer) => answer.startsWith("done"))).toHaveLength(1);
  });

  it("is released although its client never came back", async () => {
    await start();
    const agent = await openAgent();
    agent.publish("work.hold", "x");
    const id = await heldId();
    await agent.close();
    await approve(id);
    expect(await outcome()).toBe("released");
    expect(await arrived()).toEqual(["x"]);
  });

  it("that is approved while the upstream is away is released once when it is back", async () => {
    await start();
    (await openAgent()).publish("work.hold", "x");
    const id = await heldId();
    await rig.nats.kill();
    await isAway();
    await approve(id);
    await rig.nats.restart();
    expect(await outcome()).toBe("released");
    expect(await arrived()).toEqual(["x"]);
  });

  it("that is approved while the upstream stays away has failed after its time, and is not released later", async () => {
    await start({ heldReleaseMs: 100 });
    (await openAgent()).publish("work.hold", "x");
    const id = await heldId();
    await rig.nats.kill();
    await isAway();
    await approve(id);
    expect(await outcome()).toBe("failed");
    await rig.nats.restart();
    await isUp();
    expect(await arrived()).toEqual([]);
  });

  it("that waits for the upstream when the sidecar stops has failed, and that is recorded", async () => {
    await start();
    (await openAgent()).publish("work.hold", "x");
    const id = await heldId();
    await rig.nats.kill();
    await isAway();
    await approve(id);
    await rig.sidecar.stop();
    expect(await outcome()).toBe("failed");
  });

  it("that is denied after its client's connection is another is not told to anybody", async () => {
    await start();
    const agent = await openAgent();
    const answers: string[] = [];
    agent.subscribe("_INBOX.mine", { callback: (_, message) => void answers.push(message.string()) });
    const reconnected = reconnect(agent);
    agent.publish("work.hold", "x", { reply: "_INBOX.mine" });
    const id = await heldId();
    await eventually(() => answers.length === 1, { what: "the pending answer" });
    await rig.nats.restart();
    await reconnected;
    expect(await rig.admin("POST", `/v1/approvals/${id}/deny`)).toMatchObject({ status: 200 });
    await agent.flush();
    expect(await arrived()).toEqual([]);
    expect(answers).toHaveLength(1);
  });
});

/** Resolves with the agent's next reconnect. */
async function reconnect(agent: NatsConnection): Promise<void> {
  for await (const { type } of agent.status()) if (type === "reconnect") return;
}
