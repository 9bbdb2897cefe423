import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openGuard, type Guard } from "../src/index.ts";
import { createToolRunner, guardRunnableTools } from "../src/openai.ts";
import { guardOptions } from "./agents.ts";
import { buildTestBundle } from "./test-bundle.ts";
import { BY_TOOL_NAME } from "./tool-policy.ts";

let guard: Guard;
let called: unknown[] = [];
const send = (args: { readonly to?: string }): object => {
  called.push(args);
  return { sent: true };
};
beforeAll(async () => {
  guard = openGuard(guardOptions(await buildTestBundle(BY_TOOL_NAME)));
});
afterAll(async () => guard.close());
beforeEach(() => {
  called = [];
});

describe("createToolRunner", () => {
  const runner = (): ReturnType<typeof createToolRunner> => createToolRunner({ mail: send, mail_deny: send }, guard);
  const call = (name: string, args: string): { id: string; function: { name: string; arguments: string } } => ({
    id: "call-1",
    function: { name, arguments: args },
  });

  it("runs what is allowed, in both forms", async () => {
    const answer = await runner().runChat(call("mail", '{"to":"ada","secret":"s3"}'));
    expect(answer).toEqual({ role: "tool", tool_call_id: "call-1", content: '{"sent":true}' });
    const output = await runner().runResponses({ call_id: "c", name: "mail", arguments: "{}" });
    expect(output).toEqual({ type: "function_call_output", call_id: "c", output: '{"sent":true}' });
    expect(called).toEqual([{ to: "ada", secret: "***" }, {}]);
  });

  it.each([
    ["mail_deny", "{}", /test\.deny/],
    ["mail", '{"to":', /no object/],
    ["mail", '{"force":true}', /never by force/],
    ["nothing", "{}", /no tool nothing/],
    ["toString", "{}", /no tool toString/],
  ])("lets the model read why %s with %s isn't run", async (name, args, text) => {
    const { content } = await runner().runChat(call(name, args));
    expect(JSON.parse(content)).toEqual({ error: expect.stringMatching(text) });
    expect(called).toEqual([]);
  });
});

describe("guardRunnableTools", () => {
  it.each([
    ["mail", '{"sent":true}', 1],
    ["mail_deny", "test.deny", 0],
  ])("decides what runTools of the openai package runs as %s", async (name, text, count) => {
    const requests: { messages: { role: string; content: string }[] }[] = [];
    const client = new OpenAI({
      apiKey: "none",
      fetch: (_, init) => {
        requests.push(JSON.parse(typeof init?.body === "string" ? init.body : "") as (typeof requests)[number]);
        return Promise.resolve(Response.json(completion(requests.length === 1 ? name : undefined)));
      },
    });
    const parameters = { type: "object", properties: {} };
    const tools = guardRunnableTools(
      [{ type: "function", function: { name, parameters, parse: JSON.parse, function: send, description: "sends" } }],
      guard,
    );
    const runner = client.chat.completions.runTools({ model: "m", messages: [{ role: "user", content: "go" }], tools });
    expect(await runner.finalContent()).toBe("done");
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: expect.stringContaining(text) });
    expect(called).toHaveLength(count);
  });
});

function completion(name: string | undefined): object {
  const call = { id: "1", type: "function", function: { name, arguments: '{"to":"ada"}' } };
  const message =
    name === undefined
      ? { role: "assistant", content: "done" }
      : { role: "assistant", content: null, tool_calls: [call] };
  const finish = name === undefined ? "stop" : "tool_calls";
  const choices = [{ index: 0, finish_reason: finish, logprobs: null, message }];
  return { id: "c", object: "chat.completion", created: 1, model: "m", choices };
}
