import { startNatsServer } from "@cortexos/devkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordinaryUseV2 } from "./ordinary-use-v2.ts";
import { ordinaryUseV3 } from "./ordinary-use-v3.ts";
import type { Scenario } from "./ordinary-use.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL } from "./test-bundle.ts";

describe.each<[string, readonly Scenario[]]>([
  ["@nats-io/transport-node", ordinaryUseV3],
  ["nats", ordinaryUseV2],
])("ordinary use of %s through an allow-all sidecar", (_, scenarios) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ rego: ALLOW_ALL, tapped: false });
  });
  afterAll(async () => {
    await rig.stop();
  });

  it.each(scenarios)("gives what a direct connection gives: $name", async (scenario) => {
    const direct = await startNatsServer();
    const expected = await scenario.run(direct.url);
    await direct.stop();
    expect(await scenario.run(rig.url)).toEqual(expected);
  });
});
