import { parseArgs } from "node:util";
import { connectV2 } from "./agent-client-v2.ts";
import { connectV3 } from "./agent-client-v3.ts";
import { openBus } from "./bus.ts";
import { DemoError } from "./demo-error.ts";
import { readRecordedMessages } from "./recorded-message.ts";
import { createJsonReport, createTableReport, type DemoResult, type Report } from "./report.ts";
import { runMessages } from "./run-messages.ts";
import { startStack, type Stack, type StackPorts } from "./stack.ts";

interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly ports: StackPorts;
}

/** `npm start`: the stack, the demonstration, then the stack stays up until it is told to stop. */
async function main(): Promise<number> {
  const options = readOptions();
  const report = options.json ? createJsonReport(print) : createTableReport(print);
  const progress = options.json || !process.stdout.isTTY ? () => undefined : (text: string) => print(`… ${text}`);
  const stopped = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(undefined));
  });
  const stack = await startStack(options.ports, progress);
  try {
    const results = await Promise.race([demonstrate(stack, report), stack.broken.then(fail), stopped]);
    if (results === undefined) return 0;
    report.summary(results);
    const unexpected = results.filter((result) => result.outcome !== result.expected);
    for (const { name, outcome, expected } of unexpected) report.note(`${name}: ${outcome}, expected ${expected}`);
    if (options.once) return unexpected.length === 0 ? 0 : 1;
    tellEndpoints(stack, report);
    await Promise.race([stopped, stack.broken.then(fail)]);
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
      async approve(holdId) {
        await stack.cortexos("approvals", "approve", holdId);
        return `npx cortexos approvals approve ${holdId}`;
      },
    });
  } finally {
    for (const client of clients) await client.close();
    await bus.close();
  }
}

function tellEndpoints(stack: Stack, report: Report): void {
  const { gate, admin, nats } = stack.ports;
  report.endpoints(
    {
      "the gate, for agents": `nats://127.0.0.1:${gate}`,
      "nats-server behind it": `nats://127.0.0.1:${nats} (the gate and the operator have its passwords)`,
      "health and metrics": `http://127.0.0.1:${admin}/readyz  http://127.0.0.1:${admin}/metrics`,
    },
    [
      "Try it by hand, in another terminal in this folder:",
      "  npx cortexos approvals list",
      `  node examples/denied-publish/main.mjs`,
      "Ctrl-C ends everything.",
    ],
  );
}

function readOptions(): Options {
  const port = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      port: { ...port, default: "4222" },
      "admin-port": { ...port, default: "9422" },
      "nats-port": { ...port, default: "4322" },
    },
  });
  return {
    once: values.once,
    json: values.json,
    ports: {
      gate: portOf("--port", values.port),
      admin: portOf("--admin-port", values["admin-port"]),
      nats: portOf("--nats-port", values["nats-port"]),
    },
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new DemoError(`${option} ${text}: expected a port from 1 to 65535`);
  }
  return port;
}

function fail(why: string): never {
  throw new DemoError(why);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof DemoError) && !isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
