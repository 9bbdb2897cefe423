import { createTrailVerifier, readRecord, readSeal, type TrailReport } from "@cortexos/audit";
import {
  createTempDir,
  eventually,
  freePort,
  rawConnect,
  startNatsServer,
  startProcess,
  tap,
  type NatsServer,
  type RawClient,
  type RunningProcess,
  type Tap,
  type TempDir,
} from "@cortexos/devkit";
import { digestFrame, type DecisionRecord, type Message } from "@cortexos/protocol";
import { jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECT } from "./attack-field.ts";
import { startCuttingProxy, type Cut, type CuttingProxy } from "./cutting-proxy.ts";
import { ALLOW_ALL, buildTestBundle } from "./test-bundle.ts";

/** `npm run chaos` sets more. */
const CUT_COUNT = Number(process.env["CHAOS_CUTS"] ?? 50);
const SEED = Number(process.env["CHAOS_SEED"] ?? 20_261_125);
const CUT_MS_MAX = 20_000;
const BIN = resolve(import.meta.dirname, "..", "bin", "cortexos-sidecar.mjs");

/** The steps of a release, as bytes between sidecar and server: what is on its way when somebody is killed. */
const STEPS: readonly Pick<Cut, "direction" | "pattern">[] = [
  { pattern: "sys.audit.event.chaos ", direction: "up" },
  { pattern: '"stream":"CORTEXOS_AUDIT"', direction: "down" },
  { pattern: "PUB work.", direction: "up" },
  { pattern: '"type":"outcome"', direction: "up" },
];

/** Mulberry32: the same seed, the same cuts. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe(`kill -9 at the steps of a release, ${CUT_COUNT} times with seed ${SEED}`, () => {
  let folder: TempDir;
  let nats: NatsServer;
  let proxy: CuttingProxy;
  let behind: Tap;
  let sidecar: RunningProcess;
  let ports = { client: 0, admin: 0 };
  const random = createRandom(SEED);
  let sentCount = 0;

  beforeAll(async () => {
    folder = createTempDir("crash");
    nats = await startNatsServer({ storeDir: join(folder.path, "jetstream") });
    proxy = await startCuttingProxy(nats.port);
    behind = await tap(nats.url, "work.>");
    const direct = await connect({ servers: nats.url });
    const { streams } = await jetstreamManager(direct);
    await streams.add({ name: "WORK", subjects: ["work.>"], storage: StorageType.File });
    await direct.close();
    const bundle = await buildTestBundle(join(folder.path, "sources"), ALLOW_ALL);
    writeFileSync(join(folder.path, "bundle.tar.gz"), bundle.bytes);
    writeFileSync(join(folder.path, "key.pem"), bundle.publicKeyPem);
    ports = { client: await freePort(), admin: await freePort() };
    const config = {
      name: "chaos",
      listeners: [{ kind: "tcp", port: ports.client }],
      upstream: { urls: [`nats://127.0.0.1:${proxy.port}`] },
      caller: { principal: { id: "agent-7", tenant: "acme" }, environment: "dev" },
      bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId: bundle.keyId, publicKeyFile: "key.pem" }] },
      stores: { kind: "memory" },
      admin: { port: ports.admin },
      log: { level: "warn" },
    };
    writeFileSync(join(folder.path, "sidecar.json"), JSON.stringify(config));
    sidecar = await startSidecar();
  });
  afterAll(async () => {
    await sidecar.stop();
    await behind.close();
    await proxy.close();
    await nats.stop();
    folder.remove();
  });

  async function startSidecar(): Promise<RunningProcess> {
    const started = await startProcess(process.execPath, [BIN, "--config", join(folder.path, "sidecar.json")]);
    await Promise.race([
      ready(),
      started.ended.then(() => {
        throw new Error(`the sidecar ended: ${started.log()}`);
      }),
    ]);
    return started;
  }

  async function ready(): Promise<void> {
    const probe = async (): Promise<boolean> => {
      const answer = await fetch(`http://127.0.0.1:${ports.admin}/readyz`);
      if (answer.status === 200) return true;
      throw new Error(await answer.text());
    };
    await eventually(probe, { what: "readiness", timeoutMs: CUT_MS_MAX });
  }

  /** Publishes until the connection ends; every message says something else. */
  async function publishUntilCut(): Promise<void> {
    let agent: RawClient | undefined;
    try {
      agent = await rawConnect(ports.client);
      await agent.write(CONNECT);
      for (;;) {
        let frames = "";
        for (let left = 1 + random(8); left > 0; left--) frames += frameOf(sentCount++);
        await agent.write(`${frames}PING\r\n`);
        await agent.waitFor("PONG\r\n", CUT_MS_MAX);
      }
    } catch {
      // Somebody was killed.
    } finally {
      agent?.close();
    }
  }

  async function cutOnce(): Promise<void> {
    const step = STEPS[random(STEPS.length)] ?? { pattern: "PUB work.", direction: "up" };
    const victim = random(2) === 0 ? "sidecar" : "server";
    const killed = proxy.arm({
      ...step,
      when: random(2) === 0 ? "before" : "after",
      nth: 1 + random(12),
      kill: () => {
        process.kill(victim === "sidecar" ? sidecar.pid : nats.pid(), "SIGKILL");
      },
    });
    let isCut = false;
    void killed.then(() => (isCut = true));
    const endMs = performance.now() + CUT_MS_MAX;
    // A connection may end before its time, with the end of the last cut.
    while (!isCut) {
      await publishUntilCut();
      if (performance.now() > endMs)
        throw new Error(`${step.pattern} never passed; the sidecar said: ${sidecar.log()}`);
    }
    if (victim === "sidecar") {
      await sidecar.ended;
      sidecar = await startSidecar();
    } else {
      await nats.kill();
      await nats.restart();
      await ready();
    }
  }

  it(
    "shows nothing behind the bus without exactly one durable record of the same frame",
    { timeout: 60_000 + CUT_COUNT * CUT_MS_MAX },
    async () => {
      for (let cut = 0; cut < CUT_COUNT; cut++) await cutOnce();
      const { frames, report } = await readAudit(nats.url);
      const stored = await readStream(nats.url, "WORK");
      const tapped = behind.messages().map(({ text }) => text);
      const seen = new Set([...stored, ...tapped]);
      expect(seen.size).toBeGreaterThan(CUT_COUNT);
      expect(stored).toHaveLength(new Set(stored).size);
      const counts = new Map<string, number>();
      for (const frame of frames) counts.set(frame, (counts.get(frame) ?? 0) + 1);
      const wrong = [...seen].filter((text) => counts.get(digestFrame(messageOf(text))) !== 1);
      expect(wrong).toEqual([]);
      expect(report).toMatchObject({ integrity: "pass", completeness: "pass", faults: [] });
    },
  );
});

function messageOf(text: string): Message {
  return { subject: "work.a", reply: "", headers: [], payload: Buffer.from(text) };
}

function frameOf(n: number): string {
  const text = `{"n":${n}}`;
  return `PUB work.a ${text.length}\r\n${text}\r\n`;
}

/** Every message of a stream, as text. */
async function readStream(url: string, stream: string): Promise<readonly string[]> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(stream);
  const texts: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    texts.push((await streams.getMessage(stream, { seq }))?.string() ?? "");
  }
  await connection.close();
  return texts;
}

/** Frames of the releases on record, and what the verifier says. */
async function readAudit(url: string): Promise<{ readonly frames: readonly string[]; readonly report: TrailReport }> {
  const verifier = createTrailVerifier();
  const frames: string[] = [];
  for (const text of await readStream(url, "CORTEXOS_AUDIT")) {
    for (const line of text.split(/(?<=\n)/)) {
      verifier.line(line);
      const record = readSeal(line) === undefined ? readRecord(line.trimEnd()) : undefined;
      if (record !== undefined && isRelease(record)) frames.push(record.frame_sha256);
    }
  }
  return { frames, report: verifier.finish() };
}

function isRelease(record: { readonly type: string }): record is DecisionRecord {
  return record.type === "decision" && "frame_sha256" in record && record.frame_sha256 !== "";
}
