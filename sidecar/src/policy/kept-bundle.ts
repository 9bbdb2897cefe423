import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonText, SidecarError } from "../sidecar-error.ts";

/** The last good bundle and its revision, across restarts: a rollback must not wait for one. */
export interface KeptBundle {
  /** Oldest revision that may become active; `undefined` when none ever was. */
  readonly revisionMin: number | undefined;
  /** What was active last. It is verified like any other. */
  readonly bytes: Uint8Array | undefined;
  /** @throws Error when it can't be written. */
  keep(bytes: Uint8Array, revision: number): void;
}

const BUNDLE = "last-good.tar.gz";
const REVISION = "revision.json";

/** Keeps nothing. */
export const NO_KEPT_BUNDLE: KeptBundle = { revisionMin: undefined, bytes: undefined, keep: () => undefined };

/**
 * Opens the folder of a kept bundle, and makes it where it isn't there.
 *
 * @throws SidecarError `bundle.state` when it can't be used, or what is in it can't be read: a forgotten revision would let an old bundle in.
 */
export function openKeptBundle(folder: string): KeptBundle {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const text = readIfThere(join(folder, REVISION));
    return {
      revisionMin: text === undefined ? undefined : parseRevision(text.toString("utf8")),
      bytes: readIfThere(join(folder, BUNDLE)),
      keep: (bytes, revision) => {
        // The bundle first: after a crash between the two, the older revision still lets it in.
        replace(join(folder, BUNDLE), bytes);
        replace(join(folder, REVISION), `${JSON.stringify({ revision })}\n`);
      },
    };
  } catch (cause) {
    throw new SidecarError("bundle.state", `${folder}: ${reasonText(cause)}`, { cause });
  }
}

function parseRevision(text: string): number {
  const value: unknown = JSON.parse(text);
  const revision = typeof value === "object" && value !== null && "revision" in value ? value.revision : undefined;
  if (typeof revision === "number" && Number.isSafeInteger(revision) && revision >= 0) return revision;
  throw new Error(`${REVISION} holds no revision`);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (reason) {
    if (reason instanceof Error && "code" in reason && reason.code === "ENOENT") return undefined;
    throw reason;
  }
}

/** Whoever reads the file sees the old one or the new one. */
function replace(file: string, content: string | Uint8Array): void {
  const partial = `${file}.part`;
  writeFileSync(partial, content, { mode: 0o600, flush: true });
  renameSync(partial, file);
}
