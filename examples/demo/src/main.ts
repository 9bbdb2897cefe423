import { connectV2 } from "./agent-client-v2.ts";
import { connectV3 } from "./agent-client-v3.ts";
import { openBus } from "./bus.ts";
import { DemoError } from "./demo-error.ts";
import { readOptions } from "./options.ts";
import { readRecordedMessages } from "./recorded-message.ts";
import { createJsonReport, createTableReport, type DemoResult, type Report } from "./report.ts";
import { runMessages } from "./run-messages.ts";
import { startStack, type Stack } from "./stack.ts";
import { listenForStop, type StopRequest } from "./stop-request.ts";
import { unexpectedLines } from "./unexpected.ts";

/** `npm start`: the stack, the demonstration, then the stack stays up until it is told to stop. */
async function main(stop: StopRequest): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const messages = readRecordedMessages();
  const report = options.json
    ? createJsonReport(print)
    : createTableReport(print, { subjects: messages.map(({ subject }) => subject), columns: process.stdout.columns });
  const step = options.json || !process.stdout.isTTY ? () => undefined : (text: string) => print(`… ${text}`);
  const stack = await startStack(options.ports, { step, signal: stop.signal });
  try {
    const results = await Promise.race([demonstrate(stack, report), stack.broken.then(fail), stop.asked]);
    if (results === undefined) return stop.status();
    report.summary(results);
    const unexpected = unexpectedLines(results);
    for (const line of unexpected) tell(line);
    if (options.once) return unexpected.length === 0 ? 0 : 1;
    tellEndpoints(stack, report);
    await Promise.race([stop.asked, stack.broken.then(fail)]);
    return 0;
  } finally {
    await stack.stop();
  }
}

async function demonstrate(stack: Stack, report: Report): Promise<readonly DemoResult[]> {
  const bus = await openBus({ port: stack.ports.nats, ...stack.operator });
  const clients = [await connectV2(stack.ports.gate), await connectV3(stack.ports.gate)];
  try {
    return await runMessages({
      messages: readRecordedMessages(),
      clients,
      bus,
      report,
      approve: async (holdId) => void (await stack.cortexos("approvals", "approve", holdId)),
    });
  } finally {
    for (const client of clients) await client.close();
    await bus.close();
  }
}

function tellEndpoints(stack: Stack, report: Report): void {
  const { gate, admin, nats } = stack.ports;
  const set = Object.entries(stack.commandEnvironment).map(([name, value]) => `${name}=${value} `);
  const agent = gate === GATE_PORT_DEFAULT ? "" : `NATS_URL=127.0.0.1:${gate} `;
  report.endpoints(
    {
      "the gate, for agents": `nats://127.0.0.1:${gate}`,
      "nats-server behind it": `nats://127.0.0.1:${nats} (the gate and the operator have its passwords)`,
      "health and metrics": `http://127.0.0.1:${admin}/readyz  http://127.0.0.1:${admin}/metrics`,
    },
    [
      "Try it by hand, in another terminal in this folder:",
      `  ${agent}node examples/denied-publish/main.mjs    # an agent's publish is denied`,
      `  ${agent}node examples/denied-publish/held.mjs    # another waits for you, and says with which id`,
      `  ${set.join("")}npx cortexos approvals list`,
      `  ${set.join("")}npx cortexos approvals approve <id>`,
      "Ctrl-C ends everything.",
    ],
  );
}

const GATE_PORT_DEFAULT = 4222;

function fail(why: string): never {
  throw new DemoError(why);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** One line, whatever it is: a person who started this to see policies at work can do nothing with where our code was. */
function tellFailure(reason: unknown): void {
  const text = reason instanceof Error ? reason.message : String(reason);
  const line = text.replaceAll(/\s+/g, " ").trim();
  tell(reason instanceof DemoError ? line : `npm start can't go on: ${line}`);
}

const stop = listenForStop(() => tell("stopping…"));
process.once("uncaughtException", (reason) => {
  tellFailure(reason);
  process.exit(1);
});
try {
  process.exitCode = await main(stop);
} catch (reason) {
  // What was cut short fails in its own way; what counts is who asked for it.
  if (!stop.signal.aborted) tellFailure(reason);
  process.exitCode = stop.signal.aborted ? stop.status() : 1;
}
