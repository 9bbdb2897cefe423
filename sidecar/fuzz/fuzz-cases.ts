import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FuzzCase } from "./compare-stream.ts";
import { DECIDING, type Deciding } from "./fuzz-rig.ts";

/** Streams that once showed a difference, or that any sidecar must know: one file each, its name says what it shows. */
const CASES = join(import.meta.dirname, "cases");

/** A case as it is kept: the stream in the pieces it is sent in, one character a byte. */
export interface KeptCase {
  readonly name: string;
  /** Who decides; everybody unless given. */
  readonly deciding: readonly Deciding[];
  readonly chunks: readonly string[];
}

/** All kept cases. A file that isn't one throws. */
export function readCases(): readonly KeptCase[] {
  const files = readdirSync(CASES).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => readCase(file.slice(0, -".json".length), readFileSync(join(CASES, file), "utf8")));
}

export function toFuzzCase({ chunks }: KeptCase, deciding: Deciding): FuzzCase {
  const cuts = chunks.slice(0, -1).map((_, i) => chunks.slice(0, i + 1).join("").length);
  return { deciding, text: chunks.join(""), cuts };
}

/**
 * Keeps a counterexample.
 *
 * @returns the file's path.
 */
export function writeCase(name: string, { deciding, chunks }: Omit<KeptCase, "name">): string {
  const path = join(CASES, `${name}.json`);
  writeFileSync(path, `${JSON.stringify({ deciding, chunks }, undefined, 2)}\n`);
  return path;
}

function readCase(name: string, text: string): KeptCase {
  const value: unknown = JSON.parse(text);
  const { chunks, deciding = Object.keys(DECIDING) } = isObject(value) ? value : {};
  const isWhole =
    Array.isArray(chunks) && chunks.every((chunk) => typeof chunk === "string" && /^[\0-\xff]*$/.test(chunk));
  if (!isWhole || !Array.isArray(deciding)) throw new Error(`${name} is not a case: chunks of bytes are missing`);
  return { name, chunks, deciding: deciding.filter(isDeciding) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isDeciding(value: unknown): value is Deciding {
  return typeof value === "string" && Object.hasOwn(DECIDING, value);
}
