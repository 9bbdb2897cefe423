import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openNativeOpa, type OpaBackend } from "@cortexos/compiler";
import { onTestFinished } from "vitest";

/** The repository's own packs. */
export const POLICIES: string = fileURLToPath(new URL("../../../policies", import.meta.url));

/** The real OPA. */
export function openOpa(): Promise<OpaBackend> {
  return openNativeOpa({ env: process.env, from: [POLICIES] });
}

/** A folder of its own for one test. */
export function writeFolder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "cortexos-packs-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** A tree with one pack `p`. */
export function writePack(files: Readonly<Record<string, string>>, regoVersion: 0 | 1 = 1): string {
  const pack = { name: "p", version: "1.0.0", title: "P", rego_version: regoVersion };
  const inPack = Object.entries(files).map(([path, text]) => [`p/${path}`, text] as const);
  return writeFolder({
    "bundle.json": '{"revision": 1}',
    "p/pack.json": JSON.stringify(pack),
    ...Object.fromEntries(inPack),
  });
}
