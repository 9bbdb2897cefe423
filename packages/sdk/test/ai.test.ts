import { generateText, stepCountIs, tool } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { guardTools } from "../src/ai.ts";
import { openGuard, type Guard } from "../src/index.ts";
import { guardOptions } from "./agents.ts";
import { buildTestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

describe("guardTools of the Vercel AI SDK", () => {
  let guard: Guard;
  const called: unknown[] = [];
  const inputSchema = z.object({ to: z.string(), secret: z.string().optional() });
  const plain = {
    mail: tool({ description: "sends", inputSchema, execute: (input) => called.push(input) && "sent" }),
    mail_deny: tool({ description: "sends", inputSchema, execute: (input) => called.push(input) && "sent" }),
    stream: tool({
      description: "streams",
      inputSchema,
      async *execute() {
        yield "half";
        yield "whole";
      },
    }),
  };
  beforeAll(async () => {
    guard = openGuard(guardOptions(await buildTestBundle(BY_TOOL_NAME)));
  });
  afterAll(async () => guard.close());

  it.each([
    ["mail", { type: "tool-result", output: "sent" }, [{ to: "ada", secret: "***" }]],
    ["mail_deny", { type: "tool-error" }, []],
    ["stream", { type: "tool-result", output: "whole" }, []],
  ])("gives the model the end of %s", async (toolName, end, calls) => {
    called.length = 0;
    const tools: typeof plain = guardTools(plain, guard);
    const model = callingModel(toolName, { to: "ada", secret: "s3" });
    const { steps } = await generateText({ model, tools, prompt: "go", stopWhen: stepCountIs(2) });
    expect(steps[0]?.content.find((part) => part.type === end.type)).toMatchObject({ toolName, ...end });
    expect(called).toEqual(calls);
    // What the model reads next.
    const answered = JSON.stringify(model.doGenerateCalls[1]?.prompt.at(-1));
    expect(answered.includes("test.deny")).toBe(toolName === "mail_deny");
  });
});

function callingModel(toolName: string, input: object): MockLanguageModelV3 {
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  let turn = 0;
  return new MockLanguageModelV3({
    doGenerate: () => {
      const isFirst = turn++ === 0;
      const call = { type: "tool-call", toolCallId: "1", toolName, input: JSON.stringify(input) } as const;
      const unified = isFirst ? "tool-calls" : "stop";
      return Promise.resolve({
        content: [isFirst ? call : ({ type: "text", text: "done" } as const)],
        finishReason: { unified, raw: undefined },
        usage,
        warnings: [],
      });
    },
  });
}
