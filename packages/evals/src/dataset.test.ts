import { describe, expect, it } from "vitest";
import { readDataset } from "./dataset.ts";
import { isEvalsError } from "./evals-error.ts";

const call = { function: "send_note", args: { to: "Jo" } };
const task = { suite: "s", id: "t1", prompt: "Greet Jo.", calls: [call] };

describe("readDataset", () => {
  it("reads tasks, tools and attacks", () => {
    const tool = {
      name: "send_note",
      params: {
        properties: {
          to: { type: "string" },
          cc: { anyOf: [{ type: "array" }, { type: "null" }] },
          any: { anyOf: [{ type: "string" }, { type: "number" }] },
          odd: 7,
        },
      },
    };
    const attack = { suite: "s", id: "a1", kind: "phishing", calls: [call] };
    const dataset = readDataset(
      JSON.stringify({ benign_tasks: [task], tools: { s: [tool, { name: "ping" }] }, attacks: [attack] }),
    );
    const read = {
      suite: "s",
      id: "t1",
      prompt: "Greet Jo.",
      declared: {},
      calls: [{ tool: "send_note", args: { to: "Jo" } }],
    };
    expect(dataset.tasks).toEqual([read]);
    expect(dataset.tools.get("s")).toEqual([
      { name: "send_note", parameters: { to: "string", cc: "array", any: "", odd: "" } },
      { name: "ping", parameters: {} },
    ]);
    expect(dataset.attacks).toEqual([{ suite: "s", id: "a1", kind: "phishing", during: [read], calls: read.calls }]);
  });

  it("tries an attack during the task that it names, or in a session of its own", () => {
    const other = { ...task, id: "t2" };
    const attacks = [
      { suite: "s", id: "a1", user_task: "t2", calls: [call] },
      { suite: "s", id: "a2", prompt: "Look.", calls: [call] },
    ];
    const during = readDataset(JSON.stringify({ benign_tasks: [task, other], attacks })).attacks.map((attack) =>
      attack.during.map(({ id, prompt }) => [id, prompt]),
    );
    expect(during).toEqual([[["t2", "Greet Jo."]], [["a2", "Look."]]]);
  });

  it("takes injection tasks for attacks", () => {
    const text = JSON.stringify({ benign_tasks: [task], injection_tasks: [{ suite: "s", id: "a1", calls: [] }] });
    expect(readDataset(text).attacks).toMatchObject([{ id: "a1", kind: "injection", during: [{ id: "t1" }] }]);
  });

  it.each([
    ["nothing", "", "the file is not JSON"],
    ["a list", "[]", "the file: an object is wanted"],
    ["no tasks", "{}", "benign_tasks: a list is wanted"],
    ["a task without prompt", { benign_tasks: [{ ...task, prompt: 7 }] }, "benign_tasks[0].prompt: a text is wanted"],
    [
      "a call without arguments",
      { benign_tasks: [{ ...task, calls: [{ function: "f" }] }] },
      "benign_tasks[0].calls[0].args: an object is wanted",
    ],
    [
      "an attack on nothing",
      { benign_tasks: [task], attacks: [{ suite: "x", id: "a", calls: [] }] },
      "attack `a`: no task of the suite `x` for it to strike",
    ],
  ])("refuses %s", (_, value, message) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    let thrown: unknown;
    try {
      readDataset(text);
    } catch (error) {
      thrown = error;
    }
    expect(isEvalsError(thrown) && [thrown.name, thrown.code, thrown.message]).toEqual([
      "EvalsError",
      "evals.dataset",
      message,
    ]);
  });
});
