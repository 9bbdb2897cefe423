import { describe, expect, it } from "vitest";
import { withPristine } from "./pristine.ts";

type Poison = readonly [owner: object, name: PropertyKey, descriptor: PropertyDescriptor];

/** Runs something with poisoned built-ins and mends them before anything else looks. */
function poisoned<T>(poisons: readonly Poison[], run: () => T): T {
  const before = poisons.map(([owner, name]) => Reflect.getOwnPropertyDescriptor(owner, name));
  const ready = poisons.map(([, , descriptor]) =>
    Object.assign(Object.create(null) as PropertyDescriptor, { configurable: true, ...descriptor }),
  );
  for (const descriptor of before) if (descriptor !== undefined) Reflect.setPrototypeOf(descriptor, null);
  const { defineProperty, deleteProperty } = Reflect;
  for (let i = 0; i < poisons.length; i++) defineProperty(poisons[i]?.[0] ?? {}, poisons[i]?.[1] ?? "", ready[i] ?? {});
  try {
    return run();
  } finally {
    for (let i = poisons.length - 1; i >= 0; i--) {
      const descriptor = before[i];
      const owner = poisons[i]?.[0] ?? {};
      const name = poisons[i]?.[1] ?? "";
      if (descriptor === undefined) deleteProperty(owner, name);
      else defineProperty(owner, name, descriptor);
    }
    Array.prototype.length = 0;
  }
}

describe("withPristine", () => {
  it("puts a replaced method aside and back", () => {
    const lie = (): unknown[] => [];
    const seen = poisoned([[Array.prototype, "filter", { value: lie, writable: true }]], () => ({
      within: withPristine(() => [1, 2].filter((n) => n > 1)),
      after: Reflect.get(Array.prototype, "filter"),
    }));
    expect(seen).toEqual({ within: [2], after: lie });
  });

  it("puts added properties aside and back, whether or not they can be seen", () => {
    const poisons: readonly Poison[] = [
      [Object.prototype, "reply", { value: "evil", enumerable: true }],
      [Object.prototype, "outcome", { get: () => "ALLOW" }],
      [Array.prototype, "0", { value: "evil" }],
      [Object.prototype, "get", { value: () => "evil" }],
    ];
    const look = (): string =>
      `${String(Reflect.get({}, "reply"))} ${String(Reflect.get({}, "outcome"))} ${String(Reflect.get([], 0))}`;
    const seen = poisoned(poisons, () => {
      const within = withPristine(look);
      const after = look();
      return { within, after };
    });
    expect(seen).toEqual({ within: "undefined undefined undefined", after: "evil ALLOW evil" });
  });

  it("puts everything back when what it runs throws", () => {
    const seen = poisoned([[Object.prototype, "reply", { value: "evil" }]], () => {
      let thrown = "";
      try {
        withPristine(() => {
          throw new Error("no");
        });
      } catch {
        thrown = "yes";
      }
      return `${thrown} ${String(Reflect.get({}, "reply"))}`;
    });
    expect(seen).toBe("yes evil");
  });

  it("works when the methods by which one would look are replaced too", () => {
    const lie = (): never => {
      throw new Error("called");
    };
    const names = ["push", "indexOf", "includes", "forEach", "map", Symbol.iterator];
    const poisons: Poison[] = names.map((name) => [Array.prototype, name, { value: lie, writable: true }]);
    for (const name of ["ownKeys", "get", "defineProperty", "getOwnPropertyDescriptor"]) {
      poisons.push([Reflect, name, { value: lie, writable: true }]);
    }
    expect(poisoned(poisons, () => withPristine(() => [3, 1].map((n) => n * 2)))).toEqual([6, 2]);
  });
});
