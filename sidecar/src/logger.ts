import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config/sidecar-config.ts";

export type { Logger } from "pino";

/**
 * The structured log: one JSON object a line on standard output, or on what the test gives. What is logged is named field by field;
 * payloads, headers and secrets are never among them.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { name: "cortexos-sidecar" },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination ?? pino.destination({ fd: 1, sync: true }));
}
