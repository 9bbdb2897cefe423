import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { isAlive, lockOwner, releaseLock, takeLock } from "./start-lock.ts";

/** The root of the checkout. */
export const REPO_ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Where runs keep their files, unless a test names another place. */
const STATE_FOLDER: string = join(REPO_ROOT, ".cortexos");

/** Everything that a run writes lies here, and only here. */
export interface DemoFolder {
  /** Whether this run is the one whose `.cortexos/admin.json` commands in the checkout find. */
  readonly isFirst: boolean;
  readonly bundle: string;
  readonly signingKey: string;
  readonly publicKey: string;
  readonly sidecarConfig: string;
  readonly approverToken: string;
  readonly natsStore: string;
  /** A file with a secret or a setting, readable by this user alone. */
  write(name: string, text: string): string;
  /** Tells commands in the checkout where the admin API is; a run beside another one doesn't. */
  announceAdmin(text: string): void;
  /** Lets the next run begin here. The first run's files stay for looking at, another's are removed. Safe to repeat. */
  close(): void;
}

/** The process whose run holds the folder; `undefined` when there is none. */
export function runningHere(state: string = STATE_FOLDER): number | undefined {
  return lockOwner(join(state, LOCK));
}

/**
 * Opens a folder with nothing of another run in it, so that each run begins with empty streams: `.cortexos/`, or, beside a run that is
 * up, one of its own below it.
 */
export function openDemoFolder(state: string = STATE_FOLDER): DemoFolder {
  mkdirSync(state, { recursive: true });
  const lock = join(state, LOCK);
  const isFirst = takeLock(lock);
  removeLeftovers(state);
  const root = isFirst ? state : join(state, `${BESIDE}${process.pid}`);
  for (const name of ["nats", "demo", ADMIN]) rmSync(join(root, name), { recursive: true, force: true });
  const demo = join(root, "demo");
  mkdirSync(demo, { recursive: true, mode: 0o700 });
  const close = (): void => {
    if (isFirst) releaseLock(lock);
    else rmSync(root, { recursive: true, force: true });
  };
  process.once("exit", close);
  return {
    isFirst,
    bundle: join(demo, "bundle.tar.gz"),
    signingKey: join(demo, "policy.key.pem"),
    publicKey: join(demo, "policy.pub.pem"),
    sidecarConfig: join(demo, "sidecar.json"),
    approverToken: join(demo, "approver.token"),
    natsStore: join(root, "nats"),
    write: (name, text) => writePrivate(join(demo, name), text),
    announceAdmin: (text) => void (isFirst && writePrivate(join(root, ADMIN), text)),
    close,
  };
}

/** A secret that nobody can guess. */
export function createSecret(): string {
  return randomBytes(24).toString("base64url");
}

const LOCK = "start.lock";
const ADMIN = "admin.json";
const BESIDE = "beside-";

/** Of runs that were killed. */
function removeLeftovers(state: string): void {
  for (const name of readdirSync(state)) {
    const pid = name.startsWith(BESIDE) ? Number(name.slice(BESIDE.length)) : Number.NaN;
    if (Number.isSafeInteger(pid) && !isAlive(pid)) rmSync(join(state, name), { recursive: true, force: true });
  }
}

function writePrivate(file: string, text: string): string {
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
