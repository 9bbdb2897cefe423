import { DynamicStructuredTool, DynamicTool, tool } from "@langchain/core/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openGuard, type Guard } from "../src/index.ts";
import { guardTool } from "../src/langchain.ts";
import { guardOptions } from "./agents.ts";
import { buildTestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

describe("guardTool of LangChain.js", () => {
  let guard: Guard;
  const schema = z.object({ to: z.string(), secret: z.string().optional() });
  const run = async (input: object): Promise<string> => Promise.resolve(`sent ${JSON.stringify(input)}`);
  beforeAll(async () => {
    guard = openGuard(guardOptions(await buildTestBundle(BY_TOOL_NAME)));
  });
  afterAll(async () => guard.close());

  it("decides a tool made by a function, with the arguments as rewritten", async () => {
    const mail = guardTool(tool(run, { name: "mail", description: "sends", schema }), guard);
    expect(await mail.invoke({ to: "ada", secret: "s3" })).toBe('sent {"secret":"***","to":"ada"}');
    const call = { type: "tool_call", id: "1", name: "mail", args: { to: "ada" } } as const;
    expect(await mail.invoke(call)).toMatchObject({ tool_call_id: "1", content: 'sent {"to":"ada"}' });
  });

  it("refuses a denied call whichever way it is made", async () => {
    const options = { name: "mail_deny", description: "sends", schema, func: run };
    const mail = guardTool(new DynamicStructuredTool(options), guard);
    await expect(mail.invoke({ to: "ada" })).rejects.toMatchObject({ code: "tool.denied" });
    await expect(mail.batch([{ to: "ada" }])).rejects.toMatchObject({ code: "tool.denied" });
    await expect(mail.call({ to: "ada" })).rejects.toMatchObject({ code: "tool.denied" });
    await expect(mail.stream({ to: "ada" })).rejects.toMatchObject({ code: "tool.denied" });
  });

  it("decides a tool that takes a text", async () => {
    const func = async (input: string): Promise<string> => Promise.resolve(`ran ${input}`);
    const shell = guardTool(new DynamicTool({ name: "shell", description: "runs", func }), guard);
    expect(await shell.invoke("ls")).toBe("ran ls");
  });

  it("guards a tool once, and nothing that is no tool", () => {
    const mail = guardTool(tool(run, { name: "mail", description: "sends", schema }), guard);
    expect(() => guardTool(mail, guard)).toThrow("guarded already");
    expect(() => guardTool({ name: "mail" }, guard)).toThrow("not a LangChain tool");
  });
});
