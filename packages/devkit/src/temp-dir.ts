import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reapDirectory } from "./reaper.ts";

/** A folder of its own that goes with this process at the latest. */
export interface TempDir {
  /** Absolute path. */
  readonly path: string;
  remove(): void;
}

/**
 * Makes an empty folder in the system's temporary folder.
 *
 * @param label - begins its name; kebab-case.
 */
export function createTempDir(label = "devkit"): TempDir {
  const path = mkdtempSync(join(tmpdir(), `cortexos-${label}-`));
  reapDirectory(path);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}
