import { parseArgs } from "node:util";
import { DemoError } from "./demo-error.ts";
import type { StackPorts } from "./require-ports.ts";

export interface Options {
  readonly once: boolean;
  readonly json: boolean;
  readonly ports: StackPorts;
}

const SEE_HELP = "npm start -- --help lists the options";

/** @throws DemoError in one line. */
export function readOptions(args: readonly string[]): Options {
  const values = readValues(args);
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

interface Values {
  readonly once: boolean;
  readonly json: boolean;
  readonly port: string;
  readonly "admin-port": string;
  readonly "nats-port": string;
}

function readValues(args: readonly string[]): Values {
  const port = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        port: { ...port, default: "4222" },
        "admin-port": { ...port, default: "9422" },
        "nats-port": { ...port, default: "4322" },
      },
    }).values;
  } catch (cause) {
    const message =
      cause instanceof Error ? cause.message.replaceAll(/\s+/g, " ").replace(/\.( .*)?$/, "") : "unreadable";
    throw new DemoError(`${message}; ${SEE_HELP}`, { cause });
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new DemoError(`${option} ${text}: expected a port from 1 to 65535`);
}
