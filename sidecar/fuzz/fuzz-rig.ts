import { createTempDir, eventually, startNatsServer, type NatsServer } from "@cortexos/devkit";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../src/config/load-config.ts";
import { createLogger } from "../src/logger.ts";
import { startSidecar, type Sidecar } from "../src/start-sidecar.ts";
import { buildTestBundle } from "../test/test-bundle.ts";
import { openBusTap, type BusTap } from "./bus-tap.ts";
import { PAYLOAD_BYTES_MAX } from "./client-streams.ts";
import { startWatchedRelay, type WatchedRelay } from "./watched-relay.ts";

/** How a sidecar comes to its decisions; what passes must be the same. */
export const DECIDING = {
  /** Knows that it allows everything: runs of frames pass as one slice. */
  standing: `# METADATA
# title: Allow all
# description: Allows whatever comes.
package cortexos.rules.fuzz.standing

allow contains {"reason": "everything is allowed"}
`,
  /** Looks at each message. */
  each: `# METADATA
# title: Look at each
# description: Allows whatever comes, after it has read all of it.
package cortexos.rules.fuzz.each

allow contains {"reason": "allowed"} if count(json.marshal(input.message)) > 0
`,
  /** Lets each message wait a moment, so that what follows it waits behind it. */
  late: `# METADATA
# title: One after the other
# description: Allows a message a millisecond.
package cortexos.rules.fuzz.late

allow contains {"reason": "allowed"}

throttle contains {"id": "fuzz.late", "reason": "not so fast", "key": "all", "rate": 1000, "burst": 1, "window_ms": 1000}
`,
} as const;

/** One of {@link DECIDING}. */
export type Deciding = keyof typeof DECIDING;

/** A bus that clients reach directly, or only through sidecars. */
export interface Side {
  readonly port: number;
  readonly tap: BusTap;
  /** Resolves when the server has ended every client's connection, and so has read all that came on it. */
  quiet(): Promise<void>;
  /** Code of each violation recorded since the last call. */
  takeViolations(): readonly string[];
}

/** Two equal nats-servers: one reached directly, one through a sidecar for each way to decide. */
export interface FuzzRig {
  readonly direct: Side;
  readonly guarded: Readonly<Record<Deciding, Side>>;
  stop(): Promise<void>;
}

export async function startFuzzRig(): Promise<FuzzRig> {
  const options = { jetStream: false, configText: `max_payload: ${PAYLOAD_BYTES_MAX}` };
  const bare = await startNatsServer(options);
  const direct: Side = {
    port: bare.port,
    tap: await openBusTap(bare.port),
    // Directly, a client sees by itself that the server has ended its connection.
    quiet: async () => Promise.resolve(),
    takeViolations: () => [],
  };
  const behind = await startNatsServer(options);
  const tap = await openBusTap(behind.port);
  const started: GuardedSide[] = [];
  const start = async (deciding: Deciding): Promise<Side> => {
    const side = await startGuarded(behind, tap, deciding);
    started.push(side);
    return side.side;
  };
  return {
    direct,
    guarded: { standing: await start("standing"), each: await start("each"), late: await start("late") },
    stop: async () => {
      for (const guarded of started) await guarded.stop();
      for (const side of [direct.tap, tap]) side.close();
      await bare.stop();
      await behind.stop();
    },
  };
}

interface GuardedSide {
  readonly side: Side;
  stop(): Promise<void>;
}

async function startGuarded(behind: NatsServer, tap: BusTap, deciding: Deciding): Promise<GuardedSide> {
  const temp = createTempDir("fuzz");
  const bundle = await buildTestBundle(join(temp.path, "sources"), DECIDING[deciding]);
  writeFileSync(join(temp.path, "bundle.tar.gz"), bundle.bytes);
  writeFileSync(join(temp.path, "key.pem"), bundle.publicKeyPem);
  const relay = await startWatchedRelay(behind.port);
  const sidecar = await startSidecar(
    parseConfig(configOf(relay, bundle.keyId), { directory: temp.path, source: "fuzz" }),
    {
      log: createLogger("error", { write: (line) => void process.stderr.write(line) }),
    },
  );
  const [listener] = sidecar.listeners;
  await eventually(() => sidecar.readiness()["upstream"]?.ok, { what: "upstream" });
  const ownCount = relay.openCount();
  return {
    side: {
      port: listener?.kind === "tcp" ? listener.port : 0,
      tap,
      quiet: async () => relay.downTo(ownCount),
      takeViolations: violationsOf(sidecar),
    },
    stop: async () => {
      await sidecar.stop();
      await relay.close();
      temp.remove();
    },
  };
}

function violationsOf(sidecar: Sidecar): Side["takeViolations"] {
  let lastId = "";
  return () => {
    const violations = sidecar.recentRecords().filter((record) => record.type === "violation");
    const isNew = violations.slice(violations.findIndex(({ record_id: id }) => id === lastId) + 1);
    lastId = violations.at(-1)?.record_id ?? lastId;
    return isNew.map(({ code }) => code);
  };
}

function configOf(relay: WatchedRelay, keyId: string): unknown {
  return {
    listeners: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    upstream: { urls: [relay.url] },
    caller: { principal: { id: "fuzz", tenant: "acme", roles: [] }, environment: "dev" },
    bundle: { path: "bundle.tar.gz", trustedKeys: [{ keyId, publicKeyFile: "key.pem" }], watch: false },
    records: { kind: "memory" },
    admin: { port: 0 },
    limits: { drainMs: 2_000, throttleWaitMs: 5_000 },
  };
}
