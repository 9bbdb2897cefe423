import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually, startProcess, type ProcessOptions, type RunningProcess } from "../src/index.ts";
import { hasEnded, isAlive } from "./fixtures.ts";

async function start(script: string, options?: ProcessOptions): Promise<RunningProcess> {
  const running = await startProcess("/bin/sh", ["-c", script], options);
  onTestFinished(async () => void (await running.kill()));
  return running;
}

describe("startProcess", () => {
  it("returns once the log matches, and keeps both streams", async () => {
    const running = await start("echo out; echo err >&2; echo go; cat", { ready: /go/ });
    await running.waitForLog(/err/);
    expect(running.stdout()).toBe("out\ngo\n");
    expect(running.stderr()).toBe("err\n");
    running.write("typed\n");
    await running.waitForLog(/typed/);
  });

  it("tells the log of a process that ended before it was ready", async () => {
    await expect(start("echo no such luck; exit 3", { ready: /go/ })).rejects.toMatchObject({
      code: "process.exited",
      message: expect.stringMatching(/ended with 3.*no such luck/s),
    });
  });

  it("kills one that does not become ready in time", async () => {
    const failure = start("echo $$; exec cat", { ready: /never/, timeoutMs: 200 });
    await expect(failure).rejects.toMatchObject({ code: "wait.timeout" });
    const text: unknown = await failure.catch((reason: unknown) => reason);
    const pid = Number(/until then: (\d+)/.exec(String(text))?.[1]);
    expect(pid).toBeGreaterThan(0);
    await hasEnded(pid);
  });

  it("fails for a command that isn't there", async () => {
    await expect(startProcess("/no/such/command", [])).rejects.toMatchObject({ code: "process.failed" });
  });

  it("ends the whole group, even what ignores SIGTERM", async () => {
    const stubborn = `sh -c 'trap "" TERM; echo child $$; while :; do sleep 600; done'`;
    const running = await start(`${stubborn} & sleep 600`, { ready: /child \d+/ });
    const child = Number(/child (\d+)/.exec(running.log())?.[1]);
    expect(isAlive(child)).toBe(true);
    await expect(running.stop()).resolves.toEqual({ code: null, signal: "SIGTERM" });
    await hasEnded(child);
  });

  it("ends what a process leaves behind when it exits", async () => {
    const running = await start("sleep 600 & echo child $!");
    await running.ended;
    const child = Number(/child (\d+)/.exec(running.log())?.[1]);
    await hasEnded(child);
    expect(isAlive(child)).toBe(false);
  });

  it.each(["exit", "SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "leaves no orphan and no folder after its parent's %s",
    async (how) => {
      const program = fileURLToPath(new URL("parent.mjs", import.meta.url));
      const parent = await startProcess(process.execPath, [program], { ready: /ready .*\n/ });
      const [, pid, folder] = /ready (\d+) (.*)\n/.exec(parent.stdout()) ?? [];
      expect(isAlive(Number(pid))).toBe(true);
      if (how === "exit") parent.write("exit\n");
      // Not to the group: what its own end does to its children is what is tested.
      else parent.signal(how);
      await parent.ended;
      await hasEnded(Number(pid));
      await eventually(() => !existsSync(folder ?? ""), { what: `removal of ${folder}` });
    },
  );
});
