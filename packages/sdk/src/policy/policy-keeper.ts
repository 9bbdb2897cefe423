import { createPolicyHolder, type BundleTrust, type Offer, type Policy } from "@cortexos/engine";
import type { MaybePromise, PolicySource } from "@cortexos/kernel";
import { isPromiseLike } from "../promise-like.ts";
import { isSdkError, reasonText, SdkError } from "../sdk-error.ts";
import type { BundleSource, FoundBundle } from "./bundle-source.ts";

/** What became of a bundle that was found. */
export type PolicyEvent =
  | { readonly kind: "bundle_activated"; readonly digest: string; readonly revision: number }
  /** The last good bundle stays in place; without one every decision is DENY. */
  | { readonly kind: "bundle_refused"; readonly code: string; readonly reason: string };

/** The active policy and where it comes from. */
export interface PolicyKeeper extends PolicySource {
  current(): Policy | undefined;
  /** Looks at the source again. Never rejects. */
  reload(): Promise<void>;
  /** Resolves with the first policy; rejects when the keeper is closed before. */
  readonly first: Promise<void>;
  close(): void;
}

export interface PolicyKeeperOptions {
  readonly source: BundleSource;
  readonly trust: BundleTrust;
  readonly nowNs: () => bigint;
  /** Told of every bundle that became active or was refused, once each. */
  readonly onEvent: (event: PolicyEvent) => void;
}

/** Looks at a source at once, and again as it asks. A source that answers at once is in place when this returns. */
export function openPolicyKeeper(options: PolicyKeeperOptions): PolicyKeeper {
  const { source } = options;
  const holder = createPolicyHolder(options);
  const closing = new AbortController();
  const teller = createTeller(options);
  let version: string | undefined;
  const offer = (found: FoundBundle | undefined): void => {
    if (found === undefined || closing.signal.aborted) return;
    ({ version } = found);
    teller.offered(holder.current()?.digest, holder.offer(found.bytes));
  };
  const failed = (reason: unknown): void => {
    if (closing.signal.aborted) return;
    const code = isSdkError(reason) ? reason.code : "bundle.source";
    teller.refused(code, `${source.name}: ${reasonText(reason)}`);
  };
  const look = (): MaybePromise<void> => {
    try {
      const found = source.find(version, closing.signal);
      if (isPromiseLike(found)) return found.then(offer).then(undefined, failed);
      offer(found);
    } catch (reason) {
      failed(reason);
    }
    return undefined;
  };
  // One look at a time, in order: the last change is the last one offered.
  let looking: Promise<void> = Promise.resolve(look());
  const lookAgain = async (): Promise<void> => {
    looking = looking.then(look);
    await looking;
  };
  const polling = source.pollMs === undefined ? undefined : setInterval(() => void lookAgain(), source.pollMs).unref();
  const stopWatching = source.watch?.(() => void lookAgain());
  return {
    current: () => holder.current(),
    reload: lookAgain,
    first: teller.first,
    close: () => {
      clearInterval(polling);
      stopWatching?.();
      closing.abort();
      teller.close();
    },
  };
}

/** Tells what became of bundles; a refusal that stays the same once. */
interface Teller {
  readonly first: Promise<void>;
  offered(before: string | undefined, offer: Offer): void;
  refused(code: string, reason: string): void;
  close(): void;
}

function createTeller({ onEvent }: Pick<PolicyKeeperOptions, "onEvent">): Teller {
  let lastRefusal = "";
  let announceFirst: () => void = () => undefined;
  let giveUp: (reason: Error) => void = () => undefined;
  const first = new Promise<void>((resolve, reject) => {
    announceFirst = resolve;
    giveUp = reject;
  });
  // Nobody has to wait for it.
  first.catch(() => undefined);
  const refused = (code: string, reason: string): void => {
    if (lastRefusal === `${code}: ${reason}`) return;
    lastRefusal = `${code}: ${reason}`;
    onEvent({ kind: "bundle_refused", code, reason });
  };
  return {
    first,
    refused,
    offered: (before, offer) => {
      if (!offer.accepted) {
        refused(offer.code, offer.reason);
        return;
      }
      lastRefusal = "";
      announceFirst();
      const { digest, revision } = offer;
      if (digest !== before) onEvent({ kind: "bundle_activated", digest, revision });
    },
    close: () => {
      giveUp(new SdkError("guard.closed", "the guard is closed"));
    },
  };
}
