import { describe, expect, it } from "vitest";
import { runCortexos, SUBCOMMANDS } from "./run-cortexos.ts";
import type { CliIo } from "./subcommand.ts";

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const texts = { out: "", error: "" };
  const io: CliIo = {
    cwd: "/nowhere",
    environment: {},
    nowNs: () => 1n,
    out: (text) => void (texts.out += text),
    error: (text) => void (texts.error += text),
  };
  return { code: await runCortexos(args, io), ...texts };
}

describe("runCortexos", () => {
  it.each([[[]], [["help"]], [["--help"]], [["-h"]]])("lists its commands for %j", async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    for (const { name, summary } of SUBCOMMANDS) expect(out).toContain(`${name.padEnd(9)}  ${summary}`);
  });

  it.each([
    ["an unknown command", ["polcy"], "cortexos: no such command: `polcy`\n"],
    ["an unknown verb", ["policy", "biuld"], "cortexos policy: no such command: `biuld`\n"],
    ["an unknown option", ["policy", "build", "--otu", "x"], "cortexos policy build: Unknown option '--otu'\n"],
    ["an option that is missing", ["policy", "build"], "cortexos policy build: --out <file> is missing\n"],
    ["a file that is missing", ["verify", "--bundle", "x"], "cortexos verify: a file with records is missing\n"],
    [
      "a threshold that is no percentage",
      ["policy", "test", "--threshold", "120"],
      "`120` is no percentage from 0 to 100\n",
    ],
    ["a pattern that is none", ["policy", "test", "--run", "("], "`(` is no regular expression\n"],
  ])("exits 2 with one line and the usage for %s", async (_, args, line) => {
    const { code, out, error } = await run(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain(line);
    expect(error).toContain("usage: cortexos");
  });

  it.each([
    ["policy", "build"],
    ["policy", "check"],
    ["policy", "test"],
    ["policy", "eval"],
    ["policy", "rules"],
    ["keys", "generate"],
    ["verify"],
    ["audit", "verify"],
    ["audit", "tail"],
    ["audit", "query"],
    ["audit", "export"],
    ["audit", "fetch"],
  ])("explains %s %s with --help", async (...args) => {
    const { code, out, error } = await run(...args.filter((arg) => arg !== undefined), "--help");
    expect([code, error]).toEqual([0, ""]);
    expect(out).toContain(`usage: cortexos ${args.join(" ").trim()}`);
  });
});
