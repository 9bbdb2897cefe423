import { buildBundle, openNativeOpa, readPackTree } from "@cortexos/compiler";
import { createTempDir, startNatsServer, type NatsServer, type TempDir } from "@cortexos/devkit";
import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const EXAMPLES = join(ROOT, "examples", "sdk-first-steps");
const LINES_MAX = 15;
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const NAMES = ["denied-publish", "patched-payload", "approval", "gated-tool", "mcp-proxy"];

/** A program of the README, and what the README says that it prints. */
function shown(name: string): { readonly program: string; readonly prints: string } {
  const section = new RegExp(`\`\`\`js\\n// ${name}\\.mjs\\n([^]*?)\`\`\`\\n\\n\`\`\`text\\n([^]*?)\`\`\``).exec(
    readme,
  );
  return { program: section?.[1] ?? "", prints: section?.[2] ?? "" };
}

describe("the examples of the README", () => {
  let nats: NatsServer;
  let folder: TempDir;
  beforeAll(async () => {
    nats = await startNatsServer({ jetStream: false });
    folder = createTempDir("examples");
    cpSync(EXAMPLES, folder.path, { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder.path, "node_modules"));
    const opa = await openNativeOpa({ env: process.env, from: [import.meta.dirname] });
    writeFileSync(
      join(folder.path, "policy.tar.gz"),
      (await buildBundle(readPackTree(join(EXAMPLES, "policies")), { opa })).bytes,
    );
  });
  afterAll(async () => {
    await nats.stop();
    folder.remove();
  });

  it.each(NAMES)("%s is short, is in the README as it stands, and prints what it says", async (name) => {
    const { program, prints } = shown(name);
    expect(readFileSync(join(EXAMPLES, `${name}.mjs`), "utf8")).toBe(program);
    expect(program.trimEnd().split("\n").length).toBeLessThanOrEqual(LINES_MAX);
    const PATH = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
    const options = { cwd: folder.path, env: { ...process.env, NATS_URL: nats.url, PATH } };
    const { stdout } = await promisify(execFile)(process.execPath, [`${name}.mjs`], options);
    expect(stdout).toBe(prints);
  });

  it("shows what they are decided with", () => {
    expect(readme).toContain(readFileSync(join(EXAMPLES, "gate.mjs"), "utf8"));
  });
});
