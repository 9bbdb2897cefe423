import { createTempDir, type TempDir } from "@cortexos/devkit";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

const PACKAGE = resolve(import.meta.dirname, "..");
const INSTALLED_BYTES_MAX = 3_000_000;

/** Uses what was installed, with nothing of this repository at hand. */
const PROGRAM = `
import { guardTool, openGuard } from "@cortexos/sdk";
import { guardTools } from "@cortexos/sdk/ai";
import { guardTransport } from "@cortexos/sdk/mcp";
import { createToolRunner } from "@cortexos/sdk/openai";
import * as langchain from "@cortexos/sdk/langchain";
const { trust } = JSON.parse(process.argv[2]);
const principal = { id: "agent-7", tenant: "acme" };
const guard = openGuard({ bundle: "bundle.tar.gz", trust, principal, environment: "dev" });
const tool = guardTool("mail", (args) => args, { guard });
const denied = await guardTool("mail_deny", () => "called", { guard })({}).catch((error) => error.code);
const kinds = [guardTools, guardTransport, createToolRunner, langchain.guardTool].map((value) => typeof value);
process.stdout.write(JSON.stringify({ patched: await tool({ secret: "s3" }), denied, kinds }));
await guard.close();
`;

describe("@cortexos/sdk as it is installed", () => {
  let folder: TempDir;
  let installed: string;
  beforeAll(() => {
    folder = createTempDir("installed");
    installed = join(folder.path, "node_modules", "@cortexos", "sdk");
    execFileSync(process.execPath, [join(PACKAGE, "scripts", "bundle.mjs"), join(installed, "dist")]);
    for (const name of ["package.json", "README.md"]) cpSync(join(PACKAGE, name), join(installed, name));
  });
  afterAll(() => {
    folder.remove();
  });

  it("brings nothing else along, runs nothing at installation, and is small", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      dependencies?: object;
      scripts: object;
    };
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts)).toEqual(["prepack", "postpack"]);
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).map((name) => join(installed, name));
    const bytes = files.map((file) => statSync(file)).reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes).toBeLessThan(INSTALLED_BYTES_MAX);
  });

  it("decides, with every entry, on its own", async () => {
    const bundle = await buildTestBundle(BY_TOOL_NAME);
    writeFileSync(join(folder.path, "bundle.tar.gz"), bundle.bytes);
    writeFileSync(join(folder.path, "program.mjs"), PROGRAM);
    const args = ["program.mjs", JSON.stringify({ trust: bundle.trust })];
    const out = execFileSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
    const kinds = ["function", "function", "function", "function"];
    expect(JSON.parse(out)).toEqual({ patched: { secret: "***" }, denied: "tool.denied", kinds });
  });

  it("shows types that need nothing that isn't installed, but the clients'", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".d.ts"),
    );
    const imported = files.flatMap((name) => {
      const text = readFileSync(join(installed, name), "utf8");
      return [...text.matchAll(/(?:from |import\()"([^".][^"]*)"/g)].map(([, from]) => from ?? "");
    });
    const foreign = imported.filter((name) => !name.startsWith("node:") && !name.startsWith("@nats-io/"));
    expect(foreign).toEqual([]);
  });
});
