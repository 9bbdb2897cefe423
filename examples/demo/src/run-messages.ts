import { JobRequest, type DecisionRecord } from "@cortexos/protocol";
import type { AgentClient } from "./agent-client.ts";
import type { Bus } from "./bus.ts";
import { DemoError } from "./demo-error.ts";
import { shorten } from "./describe.ts";
import { encodePayload, type RecordedMessage } from "./recorded-message.ts";
import { NOT_SENT, type DemoResult, type Report } from "./report.ts";

export interface RunOptions {
  readonly messages: readonly RecordedMessage[];
  readonly clients: readonly AgentClient[];
  readonly bus: Bus;
  readonly report: Report;
  /** Approves a held message as a person would. */
  approve(holdId: string): Promise<void>;
}

/** Sends every message with every client, one after the other, and tells what became of each. */
export async function runMessages(options: RunOptions): Promise<readonly DemoResult[]> {
  const results: DemoResult[] = [];
  for (const message of options.messages) {
    for (const client of options.clients) results.push(await runMessage(message, client, options));
  }
  return results;
}

async function runMessage(message: RecordedMessage, client: AgentClient, options: RunOptions): Promise<DemoResult> {
  const { bus, report } = options;
  const payload = encodePayload(message);
  const repeat = message.repeat ?? 1;
  const sends = Promise.all(Array.from({ length: repeat }, () => client.send(message, payload)));
  const decisions = [...(await bus.takeDecisions(message.subject, { countMin: repeat, sent: sends }))];
  const held = decisions.find((record) => record.decision.outcome === "REQUIRE_HUMAN");
  if (held !== undefined && message.approve === true) {
    report.note(`  ${await approved(held.decision.decision_id, options)}`);
    decisions.push(...(await bus.takeDecisions(message.subject, { countMin: 1, sent: sends })));
  }
  const answers = await sends;
  const received = await bus.takeMessages(message.subject);
  const result = summarise({ message, client, decisions, answers, payload, received });
  report.result(result);
  return result;
}

async function approved(holdId: string, options: RunOptions): Promise<string> {
  const command = `npx cortexos approvals approve ${holdId}`;
  try {
    await options.approve(holdId);
    return `the demonstration approved what follows: ${command}`;
  } catch (reason) {
    if (!(reason instanceof DemoError)) throw reason;
    return `the demonstration could not approve what follows: ${command}: ${reason.message}`;
  }
}

interface Observation {
  readonly message: RecordedMessage;
  readonly client: AgentClient;
  readonly decisions: readonly DecisionRecord[];
  readonly answers: readonly string[];
  readonly payload: Uint8Array;
  readonly received: readonly Uint8Array[];
}

function summarise(observation: Observation): DemoResult {
  const { message, client, decisions } = observation;
  // Of a burst, the decision that the example is about; of a held message, the one that held it.
  const shown = decisions.find((record) => record.decision.outcome === message.expect) ?? decisions[0];
  const saw = [...new Set([...observation.answers, ...client.takeStatusErrors()])].filter((text) => text !== "");
  return {
    name: message.name,
    client: client.name,
    send: message.send,
    subject: message.subject,
    // A client gives up before it sends when what it asks first is denied, such as a bucket's state.
    outcome: shown?.decision.outcome ?? NOT_SENT,
    expected: message.expect,
    ruleIds: shown?.decision.rule_ids ?? [],
    clientSaw: `${shown === undefined ? "not sent: " : ""}${saw.join(" · ")}`,
    busReceived: describeReceived(observation),
    decisionUs: shown === undefined ? 0 : shown.took_ns / 1_000,
  };
}

function describeReceived({ message, payload, received }: Observation): string {
  const first = received[0];
  if (first === undefined) return "nothing";
  const times = received.length === 1 ? "once" : `${received.length} times`;
  if (Buffer.from(first).equals(payload)) return times;
  return `${times}, patched: ${describePayload(message, first)}`;
}

function describePayload(message: RecordedMessage, payload: Uint8Array): string {
  if (message.protobuf !== undefined) return shorten(JSON.stringify(JobRequest.decode(payload).parameters), 40);
  const text = new TextDecoder().decode(payload);
  return shorten(text.slice(text.indexOf("{", 1) + 1), 40);
}
