import { eventually, freePort, startProcess, type RunningProcess } from "@cortexos/devkit";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DemoResult } from "../src/report.ts";

// Runs what `npm start` runs, from the build, on free ports; then what the README tells people to paste.
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const MAIN = join(ROOT, "examples", "demo", "dist", "main.js");
const STATE = join(ROOT, ".cortexos");
const READY_MS_MAX = 120_000;

interface Line {
  readonly type: "note" | "result" | "endpoints" | "summary";
}

/** What runs keep, streams apart: those grow while a run is up. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => !/^nats\b|test-results/.test(name),
  );
  const files = names.sort().filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

async function choosePorts(): Promise<readonly string[]> {
  const ports = { port: await freePort(), "admin-port": await freePort(), "nats-port": await freePort() };
  return Object.entries(ports).flatMap(([name, port]) => [`--${name}`, String(port)]);
}

describe("npm start", () => {
  let demo: RunningProcess;
  let gatePort: number;
  let portArgs: readonly string[] = [];
  const lines = (): readonly Line[] =>
    demo
      .stdout()
      .split("\n")
      .filter((line) => line !== "")
      .map((line): Line => JSON.parse(line));
  const results = (): readonly (Line & DemoResult)[] =>
    lines().filter((line): line is Line & DemoResult => line.type === "result");
  const outcomes = (name: string): readonly (Line & DemoResult)[] => results().filter((result) => result.name === name);

  beforeAll(async () => {
    portArgs = await choosePorts();
    gatePort = Number(portArgs[1]);
    demo = await startProcess(process.execPath, [MAIN, "--json", ...portArgs], {
      cwd: ROOT,
      ready: /"type":"endpoints"/,
      timeoutMs: READY_MS_MAX,
    });
  }, READY_MS_MAX);

  afterAll(async () => {
    await demo.stop();
  });

  it("decides every recorded message as the packs say, for both clients alike", () => {
    const wrong = results().filter((result) => result.outcome !== result.expected);
    expect(wrong).toEqual([]);
    expect(results().length).toBeGreaterThanOrEqual(80);
    expect(new Set(results().map((result) => result.client))).toEqual(new Set(["nats 2.x", "@nats-io 3.x"]));
  });

  it("shows all five outcomes and every way of sending", () => {
    expect(new Set(results().map((result) => result.outcome))).toEqual(
      new Set(["ALLOW", "ALLOW_MOD", "DENY", "REQUIRE_HUMAN", "THROTTLE"]),
    );
    expect(new Set(results().map((result) => result.send))).toEqual(
      new Set(["publish", "request", "jetstream", "kv", "service"]),
    );
  });

  it("lets nothing that is denied reach the bus, and tells each client in its own error type", () => {
    const denied = results().filter((result) => result.outcome === "DENY");
    expect(denied.filter((result) => result.busReceived !== "nothing")).toEqual([]);
    for (const { client, clientSaw } of denied) {
      expect(clientSaw).toMatch(client === "nats 2.x" ? /^NatsError/ : /^(PermissionViolationError|RequestError)/);
    }
  });

  it("delivers what a human approved exactly once", () => {
    const held = results().filter((result) => result.outcome === "REQUIRE_HUMAN");
    expect(held.map((result) => result.busReceived)).toEqual(held.map(() => "once"));
  });

  it("delivers a patched payload patched", () => {
    for (const result of outcomes("mail-with-card-number")) {
      expect(result.busReceived).toMatch(/^once, patched/);
      expect(result.busReceived).not.toContain("4111");
    }
  });

  it("tells a throttled client when to try again", () => {
    for (const { clientSaw } of outcomes("travel-search-burst")) expect(clientSaw).toMatch(/retry/i);
  });

  it("refuses to start again on ports of a run that is up, in one line, and leaves its files as they are", async () => {
    const before = filesOf(STATE);
    const again = await startProcess(process.execPath, [MAIN, ...portArgs], { cwd: ROOT });
    expect(await again.ended).toEqual({ code: 1, signal: null });
    expect(again.stdout()).toBe("");
    expect(again.stderr()).toMatch(/^npm start is already running here \(process \d+\): stop it, or [^\n]+\n$/);
    expect(filesOf(STATE)).toEqual(before);
  });

  it("stops at once when it is told to while policies are compiled, and leaves nothing", async () => {
    const before = filesOf(STATE);
    const other = await startProcess(process.execPath, [MAIN, ...(await choosePorts())], { cwd: ROOT });
    const folder = join(STATE, `beside-${other.pid}`);
    await eventually(() => existsSync(join(folder, "demo")), { what: "its folder" });
    other.signal("SIGINT");
    expect(await other.ended).toEqual({ code: 130, signal: null });
    expect([other.stdout(), other.stderr()]).toEqual(["", "stopping…\n"]);
    expect(existsSync(folder)).toBe(false);
    expect(filesOf(STATE)).toEqual(before);
  });

  it("refuses the publish that the README pastes", async () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const program = /<<'EOF'[^\n]*\n([\s\S]*?)\nEOF/.exec(readme)?.[1] ?? "";
    const pasted = await startProcess(
      process.execPath,
      ["--input-type=module", "-e", program.replace("127.0.0.1:4222", `127.0.0.1:${gatePort}`)],
      { cwd: ROOT },
    );
    expect(await pasted.ended).toEqual({ code: 0, signal: null });
    expect(pasted.stdout()).toMatch(
      /^Permissions Violation for Publish to "agent\.workspace\.tool\.delete_file": policy denied rule=\S+ id=\S+/,
    );
  });
});
