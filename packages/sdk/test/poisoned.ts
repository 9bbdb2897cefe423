/** Runs something with prototypes that lie, and undoes it. */
export function withPoison<T>(run: () => T): T {
  const undo: (() => void)[] = [];
  let count = 0;
  const replace = (owner: object, name: PropertyKey, value: unknown): void => {
    const before = Reflect.getOwnPropertyDescriptor(owner, name);
    if (before !== undefined) Reflect.setPrototypeOf(before, null);
    undo[count++] = () => {
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Reflect.defineProperty(owner, name, before);
    };
    const descriptor = { value, writable: true, configurable: true, enumerable: before === undefined };
    Reflect.defineProperty(owner, name, Object.assign(Object.create(null) as object, descriptor));
  };
  // Whoever looks for a denial finds none, whoever asks whether something is allowed hears yes.
  replace(Array.prototype, "some", () => true);
  replace(Array.prototype, "every", () => true);
  replace(Array.prototype, "includes", () => true);
  replace(Array.prototype, "find", () => undefined);
  replace(Array.prototype, "filter", () => []);
  replace(Array.prototype, "flatMap", () => []);
  replace(Array.prototype, "toSorted", () => []);
  replace(Map.prototype, "get", () => undefined);
  replace(String.prototype, "startsWith", () => true);
  replace(Object.prototype, "kind", "release");
  replace(Object.prototype, "outcome", "ALLOW");
  replace(Object.prototype, "effect", "allow");
  replace(Object.prototype, "reply", "evil.reply");
  replace(Object.prototype, "headers", { encode: () => new Uint8Array(0) });
  replace(Object.prototype, "get", () => "evil");
  replace(Object.prototype, "then", undefined);
  try {
    return run();
  } finally {
    for (let i = count - 1; i >= 0; i--) undo[i]?.();
  }
}
