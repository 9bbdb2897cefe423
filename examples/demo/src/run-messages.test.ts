import type { DecisionRecord } from "@cortexos/protocol";
import { describe, expect, it } from "vitest";
import type { AgentClient } from "./agent-client.ts";
import type { Bus } from "./bus.ts";
import { DemoError } from "./demo-error.ts";
import type { RecordedMessage } from "./recorded-message.ts";
import { createTableReport } from "./report.ts";
import { runMessages } from "./run-messages.ts";

const note: RecordedMessage = {
  name: "notes-put",
  send: "kv",
  subject: "$KV.notes.today",
  json: { a: 1 },
  approve: true,
  expect: "ALLOW",
};

const client: AgentClient = {
  name: "nats 2.x",
  send: () => Promise.resolve("NatsError: 'Permissions Violation'"),
  takeStatusErrors: () => [],
  close: () => Promise.resolve(),
};

function record(outcome: string): DecisionRecord {
  return { decision: { outcome, decision_id: "d1", rule_ids: ["p.r"] }, took_ns: 1_000 } as unknown as DecisionRecord;
}

async function run(decisions: readonly DecisionRecord[], approve: () => Promise<void>): Promise<readonly string[]> {
  const taken = [decisions];
  const bus: Bus = {
    takeMessages: () => Promise.resolve([]),
    takeDecisions: () => Promise.resolve(taken.shift() ?? []),
    close: () => Promise.resolve(),
  };
  const lines: string[] = [];
  const report = createTableReport((line) => lines.push(line), { subjects: [note.subject], columns: undefined });
  await runMessages({ messages: [note], clients: [client], bus, report, approve });
  return lines;
}

describe("runMessages", () => {
  it("shows a message that its client never sent, and what the client said", async () => {
    const lines = await run([], () => Promise.resolve());
    expect(lines.at(-1)).toMatch(
      /^\$KV\.notes\.today .* not sent .* not sent: NatsError: 'Permissions Violation' .* nothing$/,
    );
  });

  it("says that the demonstration approved what is held", async () => {
    const lines = await run([record("REQUIRE_HUMAN")], () => Promise.resolve());
    expect(lines).toContain("  the demonstration approved what follows: npx cortexos approvals approve d1");
  });

  it("goes on when an approval doesn't come through", async () => {
    const lines = await run([record("REQUIRE_HUMAN")], () => Promise.reject(new DemoError("denied on second look")));
    expect(lines[0]).toMatch(/could not approve what follows: .* d1: denied on second look$/);
    expect(lines.at(-1)).toMatch(/REQUIRE_HUMAN/);
  });
});
