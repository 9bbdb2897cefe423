import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { REPO_ROOT } from "./repo-root.mjs";

/**
 * Everything that goes to npm: each workspace folder whose package.json is not private.
 *
 * @returns {{ folder: string, manifest: { name: string, version: string } }[]}
 */
export function publishablePackages() {
  const inPackages = readdirSync(path.join(REPO_ROOT, "packages")).map((name) => path.join("packages", name));
  return [...inPackages, "sidecar"]
    .map((folder) => ({ folder, file: path.join(REPO_ROOT, folder, "package.json") }))
    .filter(({ file }) => existsSync(file))
    .map(({ folder, file }) => ({ folder, manifest: JSON.parse(readFileSync(file, "utf8")) }))
    .filter(({ manifest }) => manifest.private !== true);
}
