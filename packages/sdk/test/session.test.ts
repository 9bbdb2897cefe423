import { startNatsServer, tap, type NatsServer, type Tap } from "@cortexos/devkit";
import type { Input } from "@cortexos/protocol";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FLOW_LABELS_HEADER, type Guarded } from "../src/index.ts";
import { guardOptions, LINES, makeHeaders, open } from "./agents.ts";
import { buildTestBundle, type TestBundle } from "./test-bundle.ts";

/** What is labelled \`pii\` doesn't leave; a task sends only what it declared. */
const FLOWS = `# METADATA
# title: Flows
# description: Keeps labelled data in, and tasks to what they declared.
package cortexos.rules.test.flows

allow contains {"reason": "fine"}

deny contains {"id": "test.leak", "reason": "personal data"} if {
	startswith(input.message.subject, "out.")
	"pii" in input.context.labels
}

deny contains {"id": "test.undeclared", "reason": input.context.session.prompt} if {
	some allowed in [input.context.session.declared.subjects]
	not input.message.subject in allowed
}
`;

describe.each(LINES)("sessions over %s", (line) => {
  let nats: NatsServer;
  let bundle: TestBundle;
  let behind: Tap;
  let other: NatsConnection;
  let nc: Guarded<NatsConnection>;
  let inputs: Input[] = [];
  beforeAll(async () => {
    nats = await startNatsServer({ jetStream: false });
    bundle = await buildTestBundle(FLOWS);
    other = await connect({ servers: nats.url });
    behind = await tap(nats.url, "o.>");
    other.subscribe("ask.labelled", {
      callback: (_, message) => {
        message.respond("x", { headers: labelled("pii") });
      },
    });
    other.subscribe("ask.plain", { callback: (_, message) => void message.respond("x") });
    await other.flush();
  });
  afterAll(async () => {
    await other.close();
    await behind.close();
    await nats.stop();
  });
  beforeEach(async () => {
    inputs = [];
    nc = await open(line, nats.url, guardOptions(bundle));
    nc.on("decision", ({ input }) => void inputs.push(input));
  });
  afterEach(async () => nc.close());
  const last = (): Input | undefined => inputs.at(-1);

  it("give policies the trusted facts of the task that runs", async () => {
    const declared = { subjects: ["o.a"] };
    const session = nc.session({ id: "task-1", prompt: "tidy up", declared });
    declared.subjects.push("o.b");
    await session.run(async () => {
      await Promise.resolve();
      nc.publish("o.a", "");
      expect(last()?.context.session).toEqual({ id: "task-1", prompt: "tidy up", declared: { subjects: ["o.a"] } });
      expect(() => {
        nc.publish("o.b", "");
      }).toThrow("test.undeclared");
    });
    nc.publish("o.b", "");
    expect(last()?.context.session.id).not.toBe("task-1");
  });

  it("join the labels of what a task has received by a request, and of no other task", async () => {
    const [tainted, clean] = [nc.session({ id: "1" }), nc.session({ id: "2" })];
    for (const noMux of [false, true]) {
      await tainted.run(async () => nc.request("ask.labelled", "", { timeout: 5_000, noMux }));
      await clean.run(async () => nc.request("ask.plain", "", { timeout: 5_000, noMux }));
    }
    expect([tainted.labels, clean.labels]).toEqual([["pii"], []]);
    tainted.run(() => {
      nc.publish("o.labels", "");
      expect(() => {
        nc.publish("out.x", "");
      }).toThrow("test.leak");
    });
    expect(inputs.at(-2)?.context.labels).toEqual(["pii"]);
    clean.run(() => {
      nc.publish("out.x", "");
    });
  });

  it("are stamped into what is sent by the guard, whatever the agent's code says", async () => {
    const forged = makeHeaders(line, [
      ["Cortexos-Labels", "public"],
      ["x-other", "1"],
    ]);
    nc.publish("o.forged", "", { headers: forged });
    nc.session({}).run(() => {
      const task = nc.session({});
      task.addLabels(["secret", "eu,us"]);
      task.run(() => {
        nc.publish("o.stamped", "", { headers: forged });
      });
    });
    await nc.flush();
    const sent = await behind.flushed();
    const headersOf = (subject: string): unknown => sent.find((message) => message.subject === subject)?.headers;
    expect(headersOf("o.forged")).toEqual([["x-other", "1"]]);
    expect(headersOf("o.stamped")).toEqual([
      ["x-other", "1"],
      [FLOW_LABELS_HEADER, "overflow,secret"],
    ]);
    expect(last()?.message.headers[FLOW_LABELS_HEADER]).toEqual(["overflow,secret"]);
  });

  it("count what reached the agent as a whole for every task", async () => {
    const session = nc.session({});
    const arrived = new Promise<void>((resolve) => {
      nc.subscribe("news", {
        callback: () => {
          resolve();
        },
      });
    });
    await nc.flush();
    other.publish("news", "", { headers: labelled("internal, pii") });
    await arrived;
    expect(session.labels).toEqual(["internal", "pii"]);
    expect(nc.session({}).labels).toEqual(["internal", "pii"]);
  });
});

function labelled(labels: string): ReturnType<typeof headers> {
  const made = headers();
  made.set("CORTEXOS-LABELS", labels);
  return made;
}
