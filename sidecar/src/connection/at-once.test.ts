import { describe, expect, it } from "vitest";
import { createAtOnce } from "./at-once.ts";

interface Task {
  readonly name: string;
  readonly end: () => void;
  readonly fail: (reason: Error) => void;
}

const never = new AbortController().signal;

function create(countMax: number) {
  const atOnce = createAtOnce(countMax);
  const running: Task[] = [];
  return {
    running: () => running.map(({ name }) => name),
    task: (name: string) => running.find((task) => task.name === name),
    run: async (name: string, signal: AbortSignal = never) =>
      atOnce.run(
        signal,
        async () =>
          new Promise<string>((done, fail) => {
            const gone = (): void => void running.splice(running.indexOf(task), 1);
            const task = {
              name,
              end: () => {
                gone();
                done(name);
              },
              fail: (reason: Error) => {
                gone();
                fail(reason);
              },
            };
            running.push(task);
          }),
      ),
  };
}

async function turn(): Promise<void> {
  await new Promise((next) => {
    setImmediate(next);
  });
}

describe("createAtOnce", () => {
  it("runs so many at once and the others in order, whether tasks succeed or fail", async () => {
    const on = create(2);
    const [a, b, c, d] = [on.run("a"), on.run("b"), on.run("c"), on.run("d")];
    await turn();
    expect(on.running()).toEqual(["a", "b"]);
    on.task("b")?.fail(new Error("b failed"));
    await expect(b).rejects.toThrow("b failed");
    await turn();
    expect(on.running()).toEqual(["a", "c"]);
    for (const name of ["a", "c", "d"]) {
      on.task(name)?.end();
      await turn();
    }
    expect(await Promise.all([a, c, d])).toEqual(["a", "c", "d"]);
    void on.run("e");
    void on.run("f");
    void on.run("g");
    await turn();
    expect(on.running()).toEqual(["e", "f"]);
  });

  it("takes out of the line whoever is gone, and gives its place to the next", async () => {
    const on = create(1);
    const gone = new AbortController();
    const first = on.run("first");
    const second = on.run("second", gone.signal);
    const third = on.run("third");
    await turn();
    gone.abort(new Error("the client is gone"));
    await expect(second).rejects.toThrow("the client is gone");
    on.task("first")?.end();
    await first;
    await turn();
    expect(on.running()).toEqual(["third"]);
    on.task("third")?.end();
    await third;
  });

  it("starts nothing for a signal that was aborted before, and keeps no place for it", async () => {
    const on = create(1);
    await expect(on.run("late", AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
    void on.run("next");
    await turn();
    expect(on.running()).toEqual(["next"]);
    await expect(on.run("later", AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});
