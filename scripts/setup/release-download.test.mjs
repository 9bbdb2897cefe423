import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checksumOf, downloadRelease } from "./release-download.mjs";
import { TOOLS } from "./tool-table.mjs";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const on = { platform: "linux", arch: "x64" };
let staging = "";

beforeEach(() => {
  staging = mkdtempSync(path.join(tmpdir(), "setup-"));
});
afterEach(() => {
  rmSync(staging, { recursive: true });
});

/** A release page that holds these files, by the last part of their address. */
function page(files) {
  return async (url) => {
    const content = files[url.split("/").at(-1)];
    return new Response(content ?? "", { status: content === undefined ? 404 : 200 });
  };
}

describe("checksumOf", () => {
  it("finds a file's line, or takes a lone hash", () => {
    const text = `${hash("a")}  a.zip\n${hash("b")} *b.zip\n`;
    expect(checksumOf(text, "b.zip")).toBe(hash("b"));
    expect(checksumOf(`${hash("a")}\n`, "opa")).toBe(hash("a"));
  });

  it("throws when the file is not listed", () => {
    expect(() => checksumOf(`${hash("a")}  a.zip`, "b.zip")).toThrow("no checksum of b.zip is published");
  });
});

describe("downloadRelease", () => {
  it("keeps a program whose checksum matches", async () => {
    const fetch = page({ opa_linux_amd64_static: "opa", "opa_linux_amd64_static.sha256": hash("opa") });
    const file = await downloadRelease(TOOLS.opa, staging, { fetch, ...on });
    expect(readFileSync(file, "utf8")).toBe("opa");
  });

  it("throws on a checksum that does not match", async () => {
    const fetch = page({ opa_linux_amd64_static: "other", "opa_linux_amd64_static.sha256": hash("opa") });
    await expect(downloadRelease(TOOLS.opa, staging, { fetch, ...on })).rejects.toThrow("does not match");
  });

  it("throws when no checksum is published", async () => {
    const fetch = page({ opa_linux_amd64_static: "opa" });
    await expect(downloadRelease(TOOLS.opa, staging, { fetch, ...on })).rejects.toThrow("answered 404");
  });
});
