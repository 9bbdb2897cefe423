import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The root of the checkout. */
export const REPO_ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Everything that a run writes lies here, and only here. */
export interface DemoFolder {
  readonly root: string;
  readonly bundle: string;
  readonly signingKey: string;
  readonly publicKey: string;
  readonly sidecarConfig: string;
  readonly natsStore: string;
  /** A file with a secret, readable by this user alone. */
  writeSecret(name: string, secret: string): string;
  write(name: string, text: string): string;
}

/** Makes `.cortexos/` anew, so that each run begins with empty streams. */
export function createDemoFolder(): DemoFolder {
  const root = join(REPO_ROOT, ".cortexos");
  for (const name of ["nats", "demo", "admin.json"]) rmSync(join(root, name), { recursive: true, force: true });
  const demo = join(root, "demo");
  mkdirSync(demo, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): string => {
    const path = name === "admin.json" ? join(root, name) : join(demo, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    root,
    bundle: join(demo, "bundle.tar.gz"),
    signingKey: join(demo, "policy.key.pem"),
    publicKey: join(demo, "policy.pub.pem"),
    sidecarConfig: join(demo, "sidecar.json"),
    natsStore: join(root, "nats"),
    writeSecret: write,
    write,
  };
}

/** A secret that nobody can guess. */
export function createSecret(): string {
  return randomBytes(24).toString("base64url");
}
