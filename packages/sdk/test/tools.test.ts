import { eventually } from "@cortexos/devkit";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { decisionOf, guardTool, isSdkError, openGuard, type Guard } from "../src/index.ts";
import { guardOptions } from "./agents.ts";
import { APPROVER, buildTestBundle, type TestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

describe("guardTool", () => {
  let bundle: TestBundle;
  let guard: Guard;
  let called: unknown[] = [];
  const run = (args: object): string => {
    called.push(args);
    return "done";
  };
  beforeAll(async () => {
    bundle = await buildTestBundle(BY_TOOL_NAME);
  });
  afterEach(async () => {
    called = [];
    await guard.close();
  });
  const opened = (): Guard => {
    guard = openGuard(guardOptions(bundle, { throttleWaitMs: 0 }));
    return guard;
  };

  it("calls what is allowed with a copy of the arguments", async () => {
    const tool = guardTool("read", run, { guard: opened() });
    const args = { path: { to: "a" } };
    const ended = tool(args);
    args.path.to = "changed";
    expect(await ended).toBe("done");
    expect(called).toEqual([{ path: { to: "a" } }]);
  });

  it("throws what a model can read for a denied call, and doesn't call", async () => {
    const error: unknown = await guardTool("file_deny", run, { guard: opened() })({}).catch(identity);
    expect(error).toMatchObject({ name: "SdkError", code: "tool.denied" });
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^the policy doesn't allow this call of file_deny: it can't be undone \(rules: test\.deny; /,
      ),
    });
    expect(decisionOf(error)).toMatchObject({ outcome: "DENY" });
    expect(called).toEqual([]);
  });

  it("says when to call again", async () => {
    const tool = guardTool("search_slow", run, { guard: opened() });
    await tool({});
    const error: unknown = await tool({}).catch(identity);
    expect(error).toMatchObject({
      code: "tool.throttled",
      message: expect.stringMatching(/Call it again after \d+ ms$/),
    });
    expect(called).toHaveLength(1);
  });

  it("calls with the arguments as a rule rewrote them", async () => {
    await guardTool("mail", run, { guard: opened() })({ secret: "s3", to: "ada" });
    expect(called).toEqual([{ secret: "***", to: "ada" }]);
  });

  it("waits for an approval", async () => {
    const { approvals } = opened();
    const ended = guardTool("deploy_hold", run, { guard })({ service: "api" });
    const [hold] = await eventually(async () => {
      const listed = await approvals.list();
      return listed.length > 0 && listed;
    });
    expect(called).toEqual([]);
    await approvals.approve(hold?.id ?? "", APPROVER);
    expect(await ended).toBe("done");
    expect(called).toEqual([{ service: "api" }]);
  });

  it("never calls what nobody waits for any more, nor what was denied", async () => {
    const { approvals } = opened();
    const tool = guardTool("deploy_hold", run, { guard });
    const over = new AbortController();
    const aborted = tool({ n: 1 }, { signal: over.signal }).catch(identity);
    const refused = tool({ n: 2 }).catch(identity);
    const [first, second] = await eventually(async () => {
      const listed = await approvals.list();
      return listed.length === 2 && listed;
    });
    over.abort(new Error("enough"));
    expect(await aborted).toEqual(new Error("enough"));
    await approvals.approve(first?.id ?? "", APPROVER);
    await approvals.deny(second?.id ?? "", APPROVER);
    expect(await refused).toMatchObject({ code: "tool.denied", message: expect.stringContaining("denied by ada") });
    expect(called).toEqual([]);
  });

  it("hears of a signal that aborted while the call was on its way to its hold", async () => {
    opened();
    const tool = guardTool("deploy_hold", run, { guard });
    const over = new AbortController();
    const aborted = tool({ n: 3 }, { signal: over.signal }).catch(identity);
    over.abort(new Error("at once"));
    expect(await aborted).toEqual(new Error("at once"));
    expect(called).toEqual([]);
  });

  it("checks arguments by the schema before anybody is asked, and gives the tool what the schema makes", async () => {
    const schema = z.object({ count: z.coerce.number().max(5) });
    const tool = guardTool("pick_hold", run, { guard: opened(), schema: schema as never });
    const error: unknown = await tool({ count: 9 }).catch(identity);
    expect(error).toMatchObject({ code: "tool.arguments", message: expect.stringContaining("count: ") });
    expect(await guard.approvals.list()).toEqual([]);
    await guardTool("pick", run, { guard, schema: schema as never })({ count: "3" });
    expect(called).toEqual([{ count: 3 }]);
  });

  it.each([
    ["a list", []],
    ["a text", "x"],
    ["a number that no JSON holds", { n: 12345678901234567890n }],
    ["half a surrogate pair", { text: "\ud800" }],
  ])("calls nothing with %s for arguments", async (_, args) => {
    const error: unknown = await guardTool("read", run, { guard: opened() })(args as object).catch(identity);
    expect(isSdkError(error) && error.code).toBe("tool.arguments");
    expect(called).toEqual([]);
  });

  it("decides what getters and toJSON give once, and calls with that", async () => {
    let count = 0;
    const args = {
      get force() {
        return count++ > 0;
      },
    };
    await guardTool("read", run, { guard: opened() })(args);
    expect(called).toEqual([{ force: false }]);
  });

  it("calls nothing once the guard is closed", async () => {
    const tool = guardTool("read", run, { guard: opened() });
    await guard.close();
    await expect(tool({})).rejects.toThrow("record.unavailable");
    expect(called).toEqual([]);
  });

  it("denies everything once the guard has no bundle", async () => {
    guard = openGuard(guardOptions(bundle, { bundle: "/nowhere.tar.gz" }));
    await expect(guardTool("read", run, { guard })({})).rejects.toThrow("bundle.missing");
  });
});

function identity(error: unknown): unknown {
  return error;
}
