import type { MaybePromise } from "@cortexos/kernel";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ARCHIVE_BYTES_MAX } from "@cortexos/engine";
import { FILE_POLL_MS } from "../limits.ts";
import { SdkError } from "../sdk-error.ts";

/** A bundle as it was found, and what tells it from what was found before. */
export interface FoundBundle {
  readonly version: string;
  readonly bytes: Uint8Array;
}

/** Where bundles come from. Nothing of what it gives is believed before its signature is. */
export interface BundleSource {
  /** For events. */
  readonly name: string;
  /**
   * The bundle that is there now; `undefined` when it is still `version`. May throw or reject: the last good bundle stays.
   *
   * @param version - what was found last.
   */
  find(version: string | undefined, signal: AbortSignal): MaybePromise<FoundBundle | undefined>;
  /** Time between two looks, in milliseconds; never looked at again without it, except by `reload()`. */
  readonly pollMs?: number;
  /** Calls when there may be something new, until it is stopped. */
  watch?(changed: () => void): () => void;
}

/** A bundle that the program has already. */
export function bytesBundle(bytes: Uint8Array): BundleSource {
  const own = new Uint8Array(bytes);
  return {
    name: "bytes",
    find: (version) => (version === "bytes" ? undefined : { version: "bytes", bytes: own }),
  };
}

/**
 * A bundle in a file, looked at again and again. Read at once, so that a guard over it decides from its first message on.
 *
 * @param options - `pollMs`: {@link FILE_POLL_MS} unless given; 0 for never.
 */
export function fileBundle(path: string | URL, options: { readonly pollMs?: number } = {}): BundleSource {
  const { pollMs = FILE_POLL_MS } = options;
  const file = typeof path === "string" ? path : fileURLToPath(path);
  return {
    name: file,
    ...(pollMs > 0 && { pollMs }),
    find: (version) => {
      const { ino, mtimeNs, size } = statSync(file, { bigint: true });
      if (size > ARCHIVE_BYTES_MAX) throw new SdkError("bundle.source", `larger than ${ARCHIVE_BYTES_MAX} bytes`);
      const now = `${ino}/${size}/${mtimeNs}`;
      return now === version ? undefined : { version: now, bytes: readFileSync(file) };
    },
  };
}

/** What a guard's `bundle` option says: a source, bytes, or the path of a file. */
export type BundleOption = BundleSource | Uint8Array | URL | string;

/** The source of an option. */
export function bundleSource(option: BundleOption): BundleSource {
  if (option instanceof Uint8Array) return bytesBundle(option);
  return typeof option === "string" || option instanceof URL ? fileBundle(option) : option;
}
