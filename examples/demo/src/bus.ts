import { setTimeout } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectV2, type NatsConnection as ConnectionV2 } from "nats";
import type { DecisionRecord } from "@cortexos/protocol";

/** Credentials of the demonstration's own connection behind the gate. */
export interface BusLogin {
  readonly port: number;
  readonly user: string;
  readonly pass: string;
}

/** What is behind the gate: streams, buckets, a service, and an observer that sees every message. */
export interface Bus {
  /** Messages on a subject that came since the last call. */
  takeMessages(subject: string): Promise<readonly Uint8Array[]>;
  /** Decision records on a subject that came since the last call; waits until there are enough, or until no more can be expected. */
  takeDecisions(subject: string, wanted: WantedDecisions): Promise<readonly DecisionRecord[]>;
  close(): Promise<void>;
}

/** Which decisions are waited for. */
export interface WantedDecisions {
  readonly countMin: number;
  /** Resolves when the client is done with sending; then what it sent is decided, and its records are on their way. */
  readonly sent: Promise<unknown>;
}

/** For records after the client is done, or in all. */
const RECORD_WAIT_MS = { afterSent: 1_500, all: 8_000 } as const;
const POLL_MS = 5;

/** Connects directly to nats-server, as an operator would, and sets up what the agents' messages are meant for. */
export async function openBus(login: BusLogin): Promise<Bus> {
  const { port, user, pass } = login;
  const options = { servers: `127.0.0.1:${port}`, user, pass };
  const connection = await connect({ ...options, name: "demo-observer" });
  const catalog = await connectV2({ ...options, name: "demo-catalog" });
  await createStreams(connection);
  await serveCatalog(catalog);
  answerTools(connection);
  const seen: Msg[] = [];
  const decisions: DecisionRecord[] = [];
  connection.subscribe(">", {
    callback: (_error, message) => {
      if (!message.subject.startsWith("sys.audit.")) seen.push(message);
      else decisions.push(...readDecisions(message));
    },
  });
  await connection.flush();
  return {
    async takeMessages(subject) {
      await connection.flush();
      return take(seen, (message) => message.subject === subject).map((message) => message.data);
    },
    async takeDecisions(subject, { countMin, sent }) {
      const isMine = (record: DecisionRecord): boolean => record.input.message.subject === subject;
      let giveUpAtMs = Date.now() + RECORD_WAIT_MS.all;
      void sent.then(() => (giveUpAtMs = Math.min(giveUpAtMs, Date.now() + RECORD_WAIT_MS.afterSent)));
      while (decisions.filter(isMine).length < countMin && Date.now() < giveUpAtMs) await setTimeout(POLL_MS);
      return take(decisions, isMine);
    },
    async close() {
      await catalog.close();
      await connection.close();
    },
  };
}

function readDecisions(message: Msg): readonly DecisionRecord[] {
  const lines = message
    .string()
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line): DecisionRecord => JSON.parse(line)).filter((record) => record.type === "decision");
}

async function createStreams(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "JOBS", subjects: ["job.>"] });
  const buckets = new Kvm(connection);
  await buckets.create("agent_notes");
  await buckets.create("agent_config");
}

/** A real service (ADR-32), of the client line that has them in its stable release. */
async function serveCatalog(connection: ConnectionV2): Promise<void> {
  const service = await connection.services.add({ name: "catalog", version: "1.0.0" });
  const group = service.addGroup("svc.catalog");
  group.addEndpoint("lookup", (_error, message) =>
    message.respond(JSON.stringify({ sku: "A-1042", price_cents: 4200 })),
  );
  group.addEndpoint("reprice", (_error, message) => message.respond(JSON.stringify({ repriced: true })));
}

/** A tool worker; job subjects need none, since their stream answers. */
function answerTools(connection: NatsConnection): void {
  connection.subscribe("agent.*.tool.*", {
    queue: "tool-workers",
    callback: (_error, message) => void message.respond(JSON.stringify({ ok: true })),
  });
}

/** Removes and gives back what matches, in order. */
function take<T>(from: T[], matches: (item: T) => boolean): T[] {
  const taken = from.filter(matches);
  from.splice(0, from.length, ...from.filter((item) => !matches(item)));
  return taken;
}
