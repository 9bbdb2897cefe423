#!/usr/bin/env node
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { publishablePackages } from "./publishable-packages.mjs";
import { REPO_ROOT } from "./repo-root.mjs";
import { runNpm } from "./setup/npm-packages.mjs";
import { runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";

/**
 * Publishes every package at the version of a tag. Meant for the release workflow; `--dry-run` packs and shows only.
 */
async function main() {
  const args = process.argv.slice(2);
  const isDry = args.includes("--dry-run");
  const tag = args.find((arg) => !arg.startsWith("--"));
  const packages = publishablePackages();
  requireVersion(packages, tag);
  for (const { folder } of packages) {
    const license = path.join(REPO_ROOT, folder, "LICENSE");
    cpSync(path.join(REPO_ROOT, "LICENSE"), license);
    const flags = ["--access", "public", ...(isDry ? ["--dry-run"] : ["--provenance"])];
    const { status } = await runNpm(["publish", `./${folder}`, ...flags], { cwd: REPO_ROOT, output: "show" });
    rmSync(license);
    if (status !== 0) throw new SetupError(`publishing ${folder} failed`);
  }
  return 0;
}

function requireVersion(packages, tag) {
  const odd = packages.filter(({ manifest }) => `v${manifest.version}` !== tag);
  if (odd.length > 0) throw new SetupError(`not at ${tag}: ${odd.map(({ manifest }) => manifest.name).join(", ")}`);
  const changelog = path.join(REPO_ROOT, "CHANGELOG.md");
  const heading = `## [${tag?.slice(1)}] - `;
  if (!existsSync(changelog) || !readFileSync(changelog, "utf8").includes(heading)) {
    throw new SetupError(`CHANGELOG.md has no dated entry of ${tag}`);
  }
}

await runScript(main);
