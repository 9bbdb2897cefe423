import path from "node:path";

/** The repository's folder, wherever a script is started from. */
export const REPO_ROOT = path.resolve(import.meta.dirname, "..");
