import { ARCHIVE_BYTES_MAX } from "@cortexos/engine";
import { SdkError } from "../sdk-error.ts";
import type { BundleSource } from "./bundle-source.ts";

/** What is needed of a NATS object store; that of `@nats-io/obj` and of `nats` 2.x has it. */
export interface ObjectStoreLike {
  info(name: string): Promise<{ readonly digest: string; readonly size: number; readonly revision?: number } | null>;
  getBlob(name: string): Promise<Uint8Array | null>;
  watch(options: { readonly includeHistory?: boolean }): Promise<AsyncIterable<{ readonly name: string } | null>>;
}

/** How a bundle is kept in an object store. */
export interface ObjectBundleOptions {
  /** Name of the object. */
  readonly name: string;
}

/**
 * A bundle in a NATS object store, loaded again as soon as it is replaced. The store belongs to a connection that isn't the guarded one: a guard
 * can't ask its own policy for leave to fetch that policy.
 */
export function objectStoreBundle(store: ObjectStoreLike, options: ObjectBundleOptions): BundleSource {
  const { name } = options;
  return {
    name: `object ${name}`,
    find: async (version) => {
      const info = await store.info(name);
      if (info === null) throw new SdkError("bundle.source", `there is no object ${name}`);
      if (info.size > ARCHIVE_BYTES_MAX) throw new SdkError("bundle.source", `larger than ${ARCHIVE_BYTES_MAX} bytes`);
      const now = `${info.digest}/${info.revision ?? 0}`;
      if (now === version) return undefined;
      const bytes = await store.getBlob(name);
      if (bytes === null) throw new SdkError("bundle.source", `there is no object ${name}`);
      return { version: now, bytes };
    },
    watch: (changed) => watchObject(store, name, changed),
  };
}

function watchObject(store: ObjectStoreLike, name: string, changed: () => void): () => void {
  let isOver = false;
  const follow = async (): Promise<void> => {
    for await (const info of await store.watch({ includeHistory: false })) {
      if (isOver) return;
      if (info?.name === name) changed();
    }
  };
  // A watch ends with its connection; the last good bundle stays.
  follow().catch(() => undefined);
  return () => {
    isOver = true;
  };
}
