import { createPublicKey } from "node:crypto";
import { ARCHIVE_BYTES_MAX, createPolicyHolder, type BundleTrust, type Offer } from "@cortexos/engine";
import type { ActivePolicy, PolicySource } from "@cortexos/kernel";
import { readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { PartState } from "../admin/readiness.ts";
import type { BundleConfig } from "../config/sidecar-config.ts";
import { reasonText, SidecarError } from "../sidecar-error.ts";
import { NO_KEPT_BUNDLE, openKeptBundle } from "./kept-bundle.ts";

const WATCH_INTERVAL_MS = 250;

/** What became of a bundle that was offered, for the log, the metrics and the records. */
export type PolicyEvent =
  | { readonly kind: "activated"; readonly digest: string; readonly revision: number }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string }
  /** It is active, and couldn't be kept for the next start. */
  | { readonly kind: "unkept"; readonly reason: string };

/** The active policy and the file it comes from. */
export interface PolicyKeeper extends PolicySource {
  /** Reads the file again. Never rejects: a refused bundle leaves the last good one in place. */
  reload(): Promise<void>;
  state(): PartState;
  active(): { readonly digest: string; readonly revision: number; readonly activeSinceMs: number } | undefined;
  close(): void;
}

export interface PolicyKeeperOptions {
  readonly nowNs: () => bigint;
  /** Told of every bundle that became active or was refused, and not of one that is active already. */
  onEvent(event: PolicyEvent): void;
}

/**
 * Opens the bundle of a configuration. A bundle that is missing or refused is a state, not an error: every decision is DENY until there is one.
 *
 * @throws SidecarError `bundle.key` when a trusted key can't be read, `bundle.state`.
 */
export async function openPolicyKeeper(config: BundleConfig, options: PolicyKeeperOptions): Promise<PolicyKeeper> {
  const loader = createLoader(config, options);
  let loading: Promise<void> = Promise.resolve();
  let offeredVersion = "";
  // One at a time, in order: the last change of the file is the last one offered.
  const reload = async (): Promise<void> => {
    loading = loading.then(async () => {
      // Before the file is read: a change during or right after the reading is then seen by the next look.
      offeredVersion = await fileVersion(config.path);
      await loader.load();
    });
    await loading;
  };
  const look = async (): Promise<void> => {
    if ((await fileVersion(config.path)) !== offeredVersion) await reload();
  };
  await reload();
  const watching = config.watch ? setInterval(() => void look(), WATCH_INTERVAL_MS).unref() : undefined;
  return {
    ...loader,
    reload,
    close: () => {
      clearInterval(watching);
    },
  };
}

interface Loader extends Pick<PolicyKeeper, "active" | "current" | "state"> {
  /** Offers what the file holds now. */
  load(): Promise<void>;
}

function createLoader(config: BundleConfig, options: PolicyKeeperOptions): Loader {
  const kept = config.stateFolder === undefined ? NO_KEPT_BUNDLE : openKeptBundle(config.stateFolder);
  const holder = createPolicyHolder({
    trust: readTrust(config),
    nowNs: options.nowNs,
    ...(kept.revisionMin !== undefined && { revisionMin: kept.revisionMin }),
  });
  let activeSinceMs = 0;
  let state: PartState = { ok: false, detail: "no bundle was loaded yet" };
  return {
    load,
    current: () => holder.current(),
    state: () => state,
    active: () => {
      const policy = holder.current();
      return policy && { digest: policy.digest, revision: policy.manifest.revision, activeSinceMs };
    },
  };

  async function load(): Promise<void> {
    const before = holder.current()?.digest;
    const bytes = await readBundle(config.path);
    const offer = bytes instanceof Uint8Array ? holder.offer(bytes) : bytes;
    if (!offer.accepted) {
      options.onEvent({ kind: "refused", code: offer.code, reason: offer.reason });
      restore();
      state = refusedState(holder.current(), offer);
      return;
    }
    state = { ok: true, detail: `${offer.digest}, revision ${offer.revision}` };
    if (offer.digest === before) return;
    activate(offer);
    if (bytes instanceof Uint8Array) keep(bytes, offer.revision);
  }

  function activate({ digest, revision }: Accepted): void {
    activeSinceMs = Date.now();
    options.onEvent({ kind: "activated", digest, revision });
  }

  /** What was active before a restart goes on deciding when the file's bundle can't. */
  function restore(): void {
    if (holder.current() !== undefined || kept.bytes === undefined) return;
    const offer = holder.offer(kept.bytes);
    if (offer.accepted) activate(offer);
    else options.onEvent({ kind: "refused", code: offer.code, reason: `the kept bundle: ${offer.reason}` });
  }

  function keep(bytes: Uint8Array, revision: number): void {
    try {
      kept.keep(bytes, revision);
    } catch (reason) {
      options.onEvent({ kind: "unkept", reason: reasonText(reason) });
    }
  }
}

/** Tells one content of a file from another without reading it. */
async function fileVersion(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}/${size}/${mtimeNs}`;
  } catch {
    return "none";
  }
}

/** With a policy in place the sidecar stays ready: the last good bundle goes on deciding, and what was refused is said. */
function refusedState(active: ActivePolicy | undefined, { code, reason }: Refused): PartState {
  const refusal = `the bundle was refused: ${reason} (${code})`;
  return active === undefined ? { ok: false, detail: refusal } : { ok: true, detail: `${active.digest}; ${refusal}` };
}

type Accepted = Extract<Offer, { accepted: true }>;

interface Refused {
  readonly accepted: false;
  readonly code: string;
  readonly reason: string;
}

async function readBundle(path: string): Promise<Uint8Array | Refused> {
  try {
    const { size } = await stat(path);
    if (size > ARCHIVE_BYTES_MAX) throw new Error(`larger than ${ARCHIVE_BYTES_MAX} bytes`);
    return await readFile(path);
  } catch (reason) {
    return { accepted: false, code: "bundle.unreadable", reason: reasonText(reason) };
  }
}

function readTrust(config: BundleConfig): BundleTrust {
  if (config.unsigned !== undefined) return { unsigned: config.unsigned };
  const trustedKeys = config.trustedKeys.map(({ publicKeyFile, ...key }) => ({
    ...key,
    publicKeyPem: readKey(publicKeyFile),
  }));
  return { trustedKeys };
}

function readKey(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SidecarError("bundle.key", `can't read a trusted key: ${reasonText(cause)}`, { cause });
  }
  try {
    createPublicKey(pem);
  } catch (cause) {
    throw new SidecarError("bundle.key", `${file}: no public key in PEM`, { cause });
  }
  return pem;
}
