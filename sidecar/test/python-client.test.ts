import { startNatsServer } from "@cortexos/devkit";
import { beforeAll, describe, expect, it } from "vitest";
import { findPython, type PythonTool } from "./python-tool.ts";
import { startRig, type Rig } from "./sidecar-rig.ts";
import { ALLOW_ALL, BY_LAST_TOKEN } from "./test-bundle.ts";

const INSTALL_MS_MAX = 180_000;

describe("Python's client through a sidecar", () => {
  let found: PythonTool | string = "not looked for";
  beforeAll(async () => {
    found = await findPython();
  }, INSTALL_MS_MAX);

  it("gives what a direct connection gives: publish, requests, JetStream, KV, object store", async ({ skip }) => {
    const python = pythonOr(skip);
    const direct = await startNatsServer();
    const expected = await python.run("ordinary_use.py", direct.url);
    await direct.stop();
    const rig = await startRig({ rego: ALLOW_ALL, tapped: false });
    expect(await python.run("ordinary_use.py", rig.url)).toEqual(expected);
    await rig.stop();
  });

  it("stays connected when it is denied, and is told", async ({ skip }) => {
    const python = pythonOr(skip);
    const rig: Rig = await startRig({ rego: BY_LAST_TOKEN });
    const seen = await python.run("denied_use.py", rig.url);
    expect(seen).toEqual({
      errors: [
        expect.stringContaining('permissions violation for publish to "work.deny": policy denied rule=test.deny'),
      ],
      request: { value: expect.stringContaining('"description":"policy denied: test.deny') },
      stored: { thrown: "APIError", message: expect.stringContaining("policy denied: test.deny") },
      is_connected: true,
      lost: [],
    });
    expect((await rig.tap.flushed()).map(({ subject }) => subject)).toEqual(["work.allow"]);
    await rig.stop();
  });

  /** On a developer's machine without Python the test is shown as skipped, with the reason; where results count it fails. */
  function pythonOr(skip: (note: string) => never): PythonTool {
    if (typeof found !== "string") return found;
    if (process.env["CI"] !== undefined && process.env["CI"] !== "") throw new Error(found);
    return skip(found);
  }
});
