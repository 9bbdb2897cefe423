import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REPO_ROOT } from "../repo-root.mjs";
import { runCommand } from "../run-command.mjs";
import { isBuildCurrent, sourcesStamp } from "./build.mjs";

let root = "";
let stampFile = "";

function write(name, content) {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  // A fixed time: two writes within one tick of the clock must not look alike or different by chance.
  utimesSync(file, 1, 1);
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "build-"));
  stampFile = path.join(root, "stamp");
  write("tsconfig.json", JSON.stringify({ references: [{ path: "packages/x" }] }));
  write("packages/x/src/index.ts", "export {};");
  write("packages/x/buf.gen.yaml", "");
  write("packages/x/dist/.tsbuildinfo", "");
  write("packages/x/src/generated/a.ts", "");
  writeFileSync(stampFile, sourcesStamp(root));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("isBuildCurrent", () => {
  it("is content when no source changed", () => {
    expect(isBuildCurrent(root, stampFile)).toBe(true);
  });

  it("does not care about generated sources, as long as they are there", () => {
    write("packages/x/src/generated/b.ts", "export const b = 1;");
    expect(isBuildCurrent(root, stampFile)).toBe(true);
    rmSync(path.join(root, "packages/x/src/generated"), { recursive: true });
    expect(isBuildCurrent(root, stampFile)).toBe(false);
  });

  it.each(["packages/x/src/a.test.ts", "packages/x/src/test/suite.ts", "packages/x/src/deep/testing/fake.ts"])(
    "does not care about the test %s",
    (name) => {
      write(name, "changed");
      expect(isBuildCurrent(root, stampFile)).toBe(true);
    },
  );

  it.each(["packages/x/src/index.ts", "packages/x/src/new/file.ts", "packages/x/package.json", "package-lock.json"])(
    "is not after a change of %s",
    (name) => {
      write(name, "changed, and of another size");
      expect(isBuildCurrent(root, stampFile)).toBe(false);
    },
  );

  it("is not when an output is missing", () => {
    rmSync(path.join(root, "packages/x/dist"), { recursive: true });
    expect(isBuildCurrent(root, stampFile)).toBe(false);
  });

  it("is not before the first build", () => {
    rmSync(stampFile);
    expect(isBuildCurrent(root, stampFile)).toBe(false);
  });
});

describe("the build that users run", () => {
  it("leaves tests and their suites out", async () => {
    const tsc = path.join(REPO_ROOT, "node_modules", ".bin", "tsc");
    const stores = path.join(REPO_ROOT, "packages", "stores");
    const { status, stdout } = await runCommand(tsc, ["-p", stores, "--listFilesOnly"]);
    expect(status).toBe(0);
    const files = stdout.split("\n").filter((file) => file.includes("/packages/stores/src/"));
    expect(files).not.toEqual([]);
    expect(files.filter((file) => /\.test\.ts$|\/test\//.test(file))).toEqual([]);
  });
});
