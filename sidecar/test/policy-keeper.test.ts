import { createTempDir, eventually, type TempDir } from "@cortexos/devkit";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BundleConfig } from "../src/config/sidecar-config.ts";
import { openPolicyKeeper, type PolicyEvent, type PolicyKeeper } from "../src/policy/policy-keeper.ts";
import { ALLOW_ALL, buildTestBundle, BY_LAST_TOKEN, type TestBundle } from "./test-bundle.ts";

describe("openPolicyKeeper", () => {
  let first: TestBundle;
  let second: TestBundle;
  let older: TestBundle;
  let folder: TempDir;
  let events: PolicyEvent[] = [];
  let keeper: PolicyKeeper | undefined;

  beforeAll(async () => {
    const sources = createTempDir("sources");
    first = await buildTestBundle(join(sources.path, "1"), BY_LAST_TOKEN, { revision: 2 });
    second = await buildTestBundle(join(sources.path, "2"), ALLOW_ALL, { revision: 3 });
    older = await buildTestBundle(join(sources.path, "3"), ALLOW_ALL, { revision: 1 });
    sources.remove();
  });
  beforeEach(() => {
    folder = createTempDir("keeper");
    events = [];
    writeFileSync(join(folder.path, "key.pem"), first.publicKeyPem);
  });
  afterEach(() => {
    keeper?.close();
    folder.remove();
  });

  const bundlePath = (): string => join(folder.path, "bundle.tar.gz");

  async function open(config: Partial<BundleConfig> = {}): Promise<PolicyKeeper> {
    const key = { keyId: first.keyId, algorithm: "EdDSA", publicKeyFile: join(folder.path, "key.pem") } as const;
    keeper = await openPolicyKeeper(
      { path: bundlePath(), trustedKeys: [key], watch: false, ...config },
      { nowNs: () => BigInt(Date.now()) * 1_000_000n, onEvent: (event) => events.push(event) },
    );
    return keeper;
  }

  it("takes no older bundle after a restart, and goes on with the last good one", async () => {
    const stateFolder = join(folder.path, "state");
    writeFileSync(bundlePath(), first.bytes);
    (await open({ stateFolder })).close();
    writeFileSync(bundlePath(), older.bytes);
    events = [];
    const restarted = await open({ stateFolder });
    expect(restarted.current()?.digest).toBe(first.digest);
    expect(events.map((event) => [event.kind, "code" in event && event.code])).toEqual([
      ["refused", "bundle.revision"],
      ["activated", false],
    ]);
    expect(restarted.state().detail).toContain("the bundle was refused: revision 1 is older than 2");
    writeFileSync(bundlePath(), second.bytes);
    await restarted.reload();
    restarted.close();
    rmSync(bundlePath());
    expect((await open({ stateFolder })).active()).toMatchObject({ digest: second.digest, revision: 3 });
  });

  it("verifies what it kept as it verifies any bundle", async () => {
    const stateFolder = join(folder.path, "state");
    writeFileSync(bundlePath(), first.bytes);
    (await open({ stateFolder })).close();
    const kept = join(stateFolder, "last-good.tar.gz");
    writeFileSync(
      kept,
      first.bytes.map((byte, i) => (i === 300 ? byte ^ 1 : byte)),
    );
    rmSync(bundlePath());
    expect((await open({ stateFolder })).current()).toBeUndefined();
  });

  it.each(["{", "{}", '{"revision":"2"}'])("doesn't start with a revision that it can't read: %s", async (text) => {
    const stateFolder = join(folder.path, "state");
    mkdirSync(stateFolder);
    writeFileSync(join(stateFolder, "revision.json"), text);
    await expect(open({ stateFolder })).rejects.toMatchObject({ code: "bundle.state" });
  });

  it("activates a good bundle once", async () => {
    writeFileSync(bundlePath(), first.bytes);
    const opened = await open();
    await opened.reload();
    expect(opened.current()?.digest).toBe(first.digest);
    expect(opened.active()).toMatchObject({ digest: first.digest, revision: 2 });
    expect(opened.state()).toEqual({ ok: true, detail: `${first.digest}, revision 2` });
    expect(events).toEqual([{ kind: "activated", digest: first.digest, revision: 2 }]);
  });

  it.each([
    ["no file", () => undefined, "bundle.unreadable"],
    ["an empty file", () => new Uint8Array(), "bundle.archive"],
    ["a flipped byte", () => first.bytes.map((byte, i) => (i === 300 ? byte ^ 1 : byte)), "bundle.archive"],
    ["half a file", () => first.bytes.subarray(0, first.bytes.length / 2), "bundle.archive"],
  ])("has no policy with %s, and says why", async (_, bytes, code) => {
    const content = bytes();
    if (content !== undefined) writeFileSync(bundlePath(), content);
    const opened = await open();
    expect(opened.current()).toBeUndefined();
    expect(opened.state()).toMatchObject({ ok: false, detail: expect.stringContaining(code) });
    expect(events).toMatchObject([{ kind: "refused", code }]);
  });

  it("keeps the last good policy and says what was refused", async () => {
    writeFileSync(bundlePath(), first.bytes);
    const opened = await open();
    writeFileSync(bundlePath(), "tampered");
    await opened.reload();
    writeFileSync(bundlePath(), older.bytes);
    await opened.reload();
    rmSync(bundlePath());
    await opened.reload();
    expect(opened.current()?.digest).toBe(first.digest);
    expect(opened.state()).toMatchObject({ ok: true, detail: expect.stringContaining("was refused") });
    expect(events.slice(1).map((event) => event.kind === "refused" && event.code)).toEqual([
      "bundle.archive",
      "bundle.revision",
      "bundle.unreadable",
    ]);
    writeFileSync(bundlePath(), second.bytes);
    await opened.reload();
    expect(opened.current()?.digest).toBe(second.digest);
  });

  it("believes no bundle of another key", async () => {
    writeFileSync(bundlePath(), first.bytes);
    const key = { keyId: "other", algorithm: "EdDSA", publicKeyFile: join(folder.path, "key.pem") } as const;
    expect((await open({ trustedKeys: [key] })).current()).toBeUndefined();
    expect(events).toMatchObject([{ kind: "refused", code: "bundle.signature" }]);
  });

  it("loads the bundle again when its file changes", async () => {
    writeFileSync(bundlePath(), first.bytes);
    const opened = await open({ watch: true });
    writeFileSync(bundlePath(), second.bytes);
    const digest = await eventually(() => events.length > 1 && opened.current()?.digest, { what: "the second bundle" });
    expect(digest).toBe(second.digest);
  });

  it("refuses to start with a trusted key that isn't there", async () => {
    const key = { keyId: "k", algorithm: "EdDSA", publicKeyFile: join(folder.path, "none.pem") } as const;
    await expect(open({ trustedKeys: [key] })).rejects.toMatchObject({ code: "bundle.key" });
  });
});
