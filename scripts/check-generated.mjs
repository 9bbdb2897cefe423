#!/usr/bin/env node
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sectionOf, withSection } from "./generated-section.mjs";
import { REPO_ROOT } from "./repo-root.mjs";
import { runCommand } from "./run-command.mjs";
import { ensureSetup, runScript } from "./setup.mjs";
import { SetupError } from "./setup/setup-error.mjs";

const CORTEXOS = path.join(REPO_ROOT, "packages", "cli", "bin", "cortexos.mjs");

/** What stands in committed documents and is made by a command. */
const SECTIONS = [{ file: "policies/README.md", name: "rules", command: [CORTEXOS, "policy", "rules", "policies"] }];

/** Committed copies: a package must bring what lies outside of it here. */
const COPIES = [{ from: "policies/schemas/input.json", to: "packages/compiler/schemas/input.json" }];

/** Fails when a copy is not its original, or a generated section is not what its command makes now; `--write` makes it so. */
async function main() {
  const isWriting = process.argv.includes("--write");
  const { env } = await ensureSetup();
  // Before the sections: what makes them may read a copy.
  let staleCount = COPIES.filter((copy) => isStale(copy, isWriting)).length;
  for (const section of SECTIONS) {
    const made = await make(section, env);
    const file = path.join(REPO_ROOT, section.file);
    const text = readFileSync(file, "utf8");
    if (sectionOf(text, section.name) === made) continue;
    if (isWriting) writeFileSync(file, withSection(text, section.name, made));
    else console.log(`${section.file}: section ${section.name} is not what it should be; npm run generate:docs`);
    staleCount++;
  }
  return isWriting || staleCount === 0 ? 0 : 1;
}

/**
 * @param {{ from: string, to: string }} copy
 * @param {boolean} isWriting
 */
function isStale({ from, to }, isWriting) {
  const [original, copy] = [from, to].map((file) => path.join(REPO_ROOT, file));
  if (readFileSync(original).equals(readFileSync(copy))) return false;
  if (isWriting) copyFileSync(original, copy);
  else console.log(`${to} is not ${from}; npm run generate:docs`);
  return true;
}

async function make({ file, command }, env) {
  const { status, stdout, stderr } = await runCommand(process.execPath, command, { cwd: REPO_ROOT, env });
  if (status !== 0) throw new SetupError(`what ${file} shows could not be made: ${(stderr + stdout).trim()}`);
  return stdout.trim();
}

await runScript(main);
