import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runNpm } from "./npm-packages.mjs";
import { SetupError } from "./setup-error.mjs";

const BUILD_TIMEOUT_MS = 10 * 60_000;
const SOURCE_FOLDERS = ["src", "proto"];
const SOURCE_FILES = ["package.json", "tsconfig.json", "buf.yaml", "buf.gen.yaml"];
/** Not committed; made by `npm run generate`. */
const GENERATED = "generated";
/** Left out of builds, as `exclude` in tsconfig.base.json says: a broken test stops nobody from starting. */
const TEST_FOLDERS = ["test", "testing"];
const TEST_FILE = /\.test\.ts$/;

/**
 * Whether `dist` was built from the sources as they are.
 *
 * @param {string} root
 * @param {string} stampFile
 */
export function isBuildCurrent(root, stampFile) {
  const projects = projectFolders(root);
  if (!projects.every(hasOutputs)) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === sourcesStamp(root);
}

/**
 * @param {string} root
 * @param {string} stampFile
 */
export async function build(root, stampFile) {
  // Taken before, so that an edit during the build is seen by the next.
  const stamp = sourcesStamp(root);
  const { status, stdout, stderr } = await runNpm(["run", "--silent", "build"], {
    cwd: root,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (status !== 0) throw new SetupError(`the build failed:\n${(stdout + stderr).trim()}`);
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** @param {string} folder */
function hasOutputs(folder) {
  const generates = existsSync(path.join(folder, "buf.gen.yaml"));
  if (generates && !existsSync(path.join(folder, "src", GENERATED))) return false;
  return existsSync(path.join(folder, "dist", ".tsbuildinfo"));
}

/** @returns {string[]} */
function projectFolders(root) {
  const config = JSON.parse(readFileSync(path.join(root, "tsconfig.json"), "utf8"));
  return config.references.map((reference) => path.join(root, reference.path));
}

/**
 * What the sources look like now, by path, size and time of change.
 *
 * @param {string} root
 */
export function sourcesStamp(root) {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", "tsconfig.json", "tsconfig.base.json"]) addFile(hash, path.join(root, file));
  for (const folder of projectFolders(root)) {
    for (const file of SOURCE_FILES) addFile(hash, path.join(folder, file));
    for (const source of SOURCE_FOLDERS) addFolder(hash, path.join(folder, source));
  }
  return hash.digest("hex");
}

function addFolder(hash, folder) {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name);
    if (!entry.isDirectory()) {
      if (!TEST_FILE.test(entry.name)) addFile(hash, full);
    } else if (entry.name !== GENERATED && !TEST_FOLDERS.includes(entry.name)) addFolder(hash, full);
  }
}

function addFile(hash, file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined) hash.update(`${file} ${stats.size} ${stats.mtimeMs}\n`);
}
