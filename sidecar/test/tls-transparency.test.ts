import { createCertificateAuthority, createTempDir, startNatsServer, type TempDir } from "@cortexos/devkit";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordinaryUseV2 } from "./ordinary-use-v2.ts";
import { ordinaryUseV3 } from "./ordinary-use-v3.ts";
import type { Scenario } from "./ordinary-use.ts";
import { findPython, type PythonTool } from "./python-tool.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

const INSTALL_MS_MAX = 180_000;
const authority = createCertificateAuthority();

interface Stack {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

let files: TempDir;
const file = (name: string): string => join(files.path, name);
beforeAll(() => {
  files = createTempDir("tls-transparency");
  const issued = authority.issue("localhost", "127.0.0.1");
  writeFileSync(file("authority.pem"), authority.certificatePem);
  writeFileSync(file("server.pem"), issued.certificatePem);
  writeFileSync(file("server.key"), issued.keyPem);
});
afterAll(() => {
  files.remove();
});

/** TLS to the sidecar, mutual TLS from there to a server of its own. */
async function startStack(): Promise<Stack> {
  const server = await startNatsServer({
    tls: { certificate: authority.issue("127.0.0.1"), clientAuthorityPem: authority.certificatePem },
  });
  const tls = { certFile: file("server.pem"), keyFile: file("server.key") };
  const rig: Rig = await startRig({
    rego: ALLOW_ALL,
    tapped: false,
    nats: { jetStream: false },
    config: {
      listeners: [{ kind: "tcp", port: 0, tls }],
      upstream: { urls: [server.url], tls: { ...tls, caFile: file("authority.pem") } },
    },
  });
  const stop = async (): Promise<void> => {
    await rig.stop();
    await server.stop();
  };
  return { url: `nats://localhost:${rig.port}`, stop };
}

describe.each<[string, readonly Scenario[]]>([
  ["@nats-io/transport-node", ordinaryUseV3],
  ["nats", ordinaryUseV2],
])("ordinary use of %s with TLS to the sidecar and mutual TLS behind it", (_, scenarios) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(async () => {
    await stack.stop();
  });

  it.each(scenarios)("gives what a direct, plain connection gives: $name", async (scenario) => {
    const direct = await startNatsServer();
    const expected = await scenario.run(direct.url);
    await direct.stop();
    expect(await scenario.run(stack.url, { ca: authority.certificatePem })).toEqual(expected);
  });
});

describe("ordinary use of Python's client with TLS to the sidecar and mutual TLS behind it", () => {
  let found: PythonTool | string = "not looked for";
  beforeAll(async () => {
    found = await findPython();
  }, INSTALL_MS_MAX);

  it("gives what a direct, plain connection gives", async ({ skip }) => {
    if (typeof found === "string") {
      // Shown as skipped on a developer's machine without Python; where results count it fails.
      if ((process.env["CI"] ?? "") !== "") throw new Error(found);
      return skip(found);
    }
    const direct = await startNatsServer();
    const expected = await found.run("ordinary_use.py", direct.url);
    await direct.stop();
    const stack = await startStack();
    expect(await found.run("ordinary_use.py", stack.url, file("authority.pem"))).toEqual(expected);
    await stack.stop();
  });
});
