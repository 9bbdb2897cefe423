import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectV2, headers as headersV2, type NatsConnection as ConnectionV2 } from "nats";
import { guard, type Guarded, type GuardOptions } from "../src/index.ts";
import type { TestBundle } from "./test-bundle.ts";

export const LINES = ["v2", "v3"] as const;
export type Line = (typeof LINES)[number];

/** A guarded agent. */
export function guardOptions(bundle: TestBundle, over: Partial<GuardOptions> = {}): GuardOptions {
  return {
    bundle: bundle.bytes,
    trust: bundle.trust,
    principal: { id: "agent-7", tenant: "acme", roles: ["OPERATOR"] },
    environment: "dev",
    ...over,
  };
}

async function openV3(url: string, options: GuardOptions): Promise<Guarded<NatsConnection>> {
  return guard(await connect({ servers: url, reconnectTimeWait: 20 }), options);
}

async function openV2(url: string, options: GuardOptions): Promise<Guarded<ConnectionV2>> {
  return guard(await connectV2({ servers: url, reconnectTimeWait: 20 }), options);
}

export async function open(line: Line, url: string, options: GuardOptions): Promise<Guarded<NatsConnection>> {
  // The two lines agree in everything that the tests common to both use.
  return line === "v3" ? openV3(url, options) : ((await openV2(url, options)) as unknown as Guarded<NatsConnection>);
}

export function makeHeaders(line: Line, fields: readonly (readonly [string, string])[]): ReturnType<typeof headers> {
  const made = line === "v3" ? headers() : (headersV2() as unknown as ReturnType<typeof headers>);
  for (const [name, value] of fields) made.append(name, value);
  return made;
}

export function js(line: Line, nc: NatsConnection): JetStreamClient {
  return line === "v3" ? jetstream(nc) : ((nc as unknown as ConnectionV2).jetstream() as unknown as JetStreamClient);
}

export async function jsm(line: Line, nc: NatsConnection): Promise<JetStreamManager> {
  if (line === "v3") return jetstreamManager(nc);
  return (await (nc as unknown as ConnectionV2).jetstreamManager()) as unknown as JetStreamManager;
}
