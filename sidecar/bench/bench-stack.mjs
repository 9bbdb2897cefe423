// What the benchmarks of the sidecar run against: a real nats-server, and one sidecar a policy in front of it.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createTempDir, eventually, freePort, startNatsServer, startProcess } from "@cortexos/devkit";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const CLI = path.join(ROOT, "packages", "cli", "bin", "cortexos.mjs");
const SIDECAR = path.join(ROOT, "sidecar", "bin", "cortexos-sidecar.mjs");

/** Starts nats-server, a byte pipe and a sidecar for each policy; `stop` ends them all. */
export async function startBenchStack(policies) {
  const folder = createTempDir("bench");
  const nats = await startNatsServer();
  const pipe = await startProcess(process.execPath, [path.join(HERE, "byte-pipe.mjs"), String(nats.port)], {
    ready: /listening \d+/,
  });
  const sidecars = {};
  for (const policy of policies) sidecars[policy] = await startSidecar(folder.path, policy, nats.port);
  return {
    natsPort: nats.port,
    pipe: { port: Number(/listening (\d+)/.exec(pipe.log())[1]), process: pipe },
    sidecars,
    async stop() {
      for (const { process } of Object.values(sidecars)) await process.stop();
      await pipe.stop();
      await nats.stop();
      folder.remove();
    },
  };
}

export async function startSidecar(folder, policy, natsPort) {
  const bundle = path.join(folder, `${policy}.tar.gz`);
  execFileSync(process.execPath, [CLI, "policy", "build", path.join(HERE, "policies", policy), "--out", bundle]);
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = {
    // Each writer has a history of its own in the stream.
    name: `bench-${policy}`,
    listeners: [{ kind: "tcp", host: "127.0.0.1", port }],
    upstream: { urls: [`nats://127.0.0.1:${natsPort}`] },
    caller: { principal: { id: "bench", kind: "agent", roles: ["agent"], tenant: "acme" }, environment: "bench" },
    bundle: { path: bundle, unsigned: "accept" },
    records: { kind: "jetstream", stream: "CORTEXOS_AUDIT", subject: "sys.audit.event" },
    admin: { port: adminPort },
    log: { level: "warn" },
  };
  const configPath = path.join(folder, `${policy}.json`);
  writeFileSync(configPath, JSON.stringify(config));
  const startMs = performance.now();
  const process_ = await startProcess(process.execPath, [SIDECAR, "--config", configPath], {
    async ready(starting) {
      await starting.waitForLog(/"listening"/);
      await eventually(async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok);
    },
  });
  return { port, adminPort, process: process_, readyMs: performance.now() - startMs };
}
