import { freePort, startNatsServer, type NatsServer } from "@cortexos/devkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCortexos } from "../src/index.ts";

async function doctor(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const code = await runCortexos(["doctor", ...args], {
    cwd: ".",
    environment: {},
    nowNs: () => 0n,
    out: (text) => (out += text),
    error: (text) => (error += text),
  });
  return { code, out, error };
}

describe("cortexos doctor", () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer({ monitoring: true, configText: "server_name: open" });
  });
  afterAll(async () => server.stop());

  it("prints each finding with its mend, and ends with 3", async () => {
    const { code, out } = await doctor("--monitor", server.monitoringUrl ?? "");
    expect(code).toBe(3);
    expect(out).toMatch(/^open: nats-server 2\.\d+\.\d+; at most \d+ connections, 1048576 bytes a payload/);
    expect(out).toMatch(/\nbypass {3}the server asks nobody who he is: .* \(server\.open\)\n {9}Give it users/);
    expect(out).toMatch(/\n2 ways around the gate\n$/);
  });

  it("prints the report as one line of JSON", async () => {
    const { code, out } = await doctor("--json", "--monitor", server.monitoringUrl ?? "", "--audit", "A:a");
    expect(code).toBe(3);
    expect(out.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({ server: { name: "open" } });
    expect(out).toContain("audit.missing");
  });

  it.each([
    [["extra"], 2, "doctor takes options only"],
    [["--audit", "x"], 2, "--audit wants <stream>:<subject>"],
    [["--monitor", "nowhere"], 1, "`nowhere` is no http address"],
  ])("%j is one clear line", async (args, code, line) => {
    const answer = await doctor(...args);
    expect(answer).toMatchObject({ code, out: "" });
    expect(answer.error.split("\n")[0]).toContain(line);
  });

  it("says who doesn't answer", async () => {
    const answer = await doctor("--monitor", `http://127.0.0.1:${await freePort()}`);
    expect(answer.code).toBe(1);
    expect(answer.error).toMatch(/^cortexos doctor: .*ECONNREFUSED.*\n$/);
  });
});
