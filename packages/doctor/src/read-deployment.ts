import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DoctorError } from "./doctor-error.ts";
import { isFields, textOf, type Fields } from "./fields.ts";
import { parseNatsConfig, type ConfigMap } from "./nats-config.ts";
import type { ConfigSource } from "./config-scanner.ts";

/** Longest time for one answer of the monitoring, in milliseconds. */
export const MONITOR_MS_MAX = 5_000;

/** Largest answer of the monitoring, and largest configuration file, in bytes. */
export const READ_BYTES_MAX = 16_777_216;

/**
 * Asks a nats-server's monitoring who it is and what its streams are.
 *
 * @param url - such as `http://127.0.0.1:8222`.
 * @throws DoctorError `doctor.monitor`.
 */
export async function readMonitor(url: string): Promise<{ readonly varz: Fields; readonly jsz: Fields }> {
  const varz = await ask(url, "varz");
  if (textOf(varz, "server_id") === "")
    throw new DoctorError("doctor.monitor", `${url}: what answers is no nats-server`);
  return { varz, jsz: await ask(url, "jsz?accounts=true&streams=true&config=true&limit=1024") };
}

async function ask(url: string, path: string): Promise<Fields> {
  const target = targetOf(url, path);
  const text = await fetchText(target);
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch {
    // Told below, with everything else that is no answer of a nats-server.
  }
  throw new DoctorError("doctor.monitor", `${target.href}: the answer is no JSON object`);
}

function targetOf(url: string, path: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    return new URL(path, url.endsWith("/") ? url : `${url}/`);
  }
  throw new DoctorError("doctor.monitor", `\`${url}\` is no http address; expected one such as http://127.0.0.1:8222`);
}

async function fetchText(target: URL): Promise<string> {
  try {
    const answer = await fetch(target, { signal: AbortSignal.timeout(MONITOR_MS_MAX), redirect: "error" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      if (bytes > READ_BYTES_MAX) throw new Error(`the answer is larger than ${READ_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } catch (cause) {
    throw new DoctorError("doctor.monitor", `${target.href}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "no answer";
  if (cause.name === "TimeoutError") return `no answer in ${MONITOR_MS_MAX} ms`;
  return cause.cause instanceof Error && cause.cause.message !== "" ? cause.cause.message : cause.message;
}

/**
 * Reads a configuration of nats-server with all that it includes.
 *
 * @throws DoctorError `doctor.config`.
 */
export function readNatsConfig(path: string, environment: Readonly<Record<string, string | undefined>>): ConfigMap {
  return parseNatsConfig(readSource(path, path), {
    include: (included, from) => readSource(resolve(dirname(from), included), included),
    variable: (name) => environment[name],
  });
}

function readSource(file: string, named: string): ConfigSource {
  try {
    if (statSync(file).size > READ_BYTES_MAX) throw new Error(`larger than ${READ_BYTES_MAX} bytes`);
    return { file, text: readFileSync(file, "utf8") };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unreadable";
    throw new DoctorError("doctor.config", `can't read ${named}: ${reason}`, { cause });
  }
}
