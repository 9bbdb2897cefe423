/** A built-in object with what it had when this module was loaded. */
interface Captured {
  readonly owner: object;
  readonly names: readonly PropertyKey[];
  readonly values: readonly unknown[];
  /** Whether a further property counts: on the prototypes of everything. */
  readonly isClosed: boolean;
}

/** Taken once, so that a method that is replaced later is not what looks for replaced methods. */
const ownKeys = Reflect.ownKeys;
const describe = Reflect.getOwnPropertyDescriptor;
const define = Reflect.defineProperty;
const remove = Reflect.deleteProperty;
const get = Reflect.get;
const create = Object.create;
const setPrototype = Reflect.setPrototypeOf;

const ARRAY_ITERATOR: object = Object.getPrototypeOf([][Symbol.iterator]());

const TYPED_ARRAY: object = Object.getPrototypeOf(Uint8Array.prototype);

const CAPTURED: readonly Captured[] = [
  capture(Object.prototype, true),
  capture(Array.prototype, true),
  capture(Buffer, false),
  capture(Buffer.prototype, false),
  capture(TYPED_ARRAY, false),
  ...[
    ARRAY_ITERATOR,
    Array,
    JSON,
    Map.prototype,
    Object,
    Reflect,
    RegExp.prototype,
    Set.prototype,
    String.prototype,
  ].map((owner) => capture(owner, false)),
];

/**
 * Runs something synchronous with the built-ins as they were when this module was loaded: what other code in the process did to them meanwhile is put aside
 * and put back afterwards. What can't be put aside makes it throw, so that nothing is decided with lying built-ins.
 *
 * @throws TypeError when a built-in was changed for good.
 */
export function withPristine<T>(run: () => T): T {
  if (isPristine()) return run();
  const changes = takeChanges();
  try {
    if (!isPristine()) throw new TypeError("a built-in of the process was replaced for good");
    return run();
  } finally {
    for (let i = 0; i < changes.length; i++) changes[i]?.();
  }
}

/**
 * Whether the methods of the built-ins are those that were there when this module was loaded, and nothing enumerable was added to all objects. Fast enough for
 * every message; for what reads no property that may be missing.
 */
export function hasPristineMethods(): boolean {
  // oxlint-disable-next-line guard-for-in -- what is inherited is what is looked for
  for (const _ in NO_MEMBERS) return false;
  return hasCapturedMethods();
}

const NO_MEMBERS = {};

function isPristine(): boolean {
  if (!hasCapturedMethods()) return false;
  for (let i = 0; i < CLOSED.length; i++) {
    const captured = CLOSED[i];
    if (captured !== undefined && ownKeys(captured.owner).length !== captured.names.length) return false;
  }
  for (let i = 0; i < SYMBOLS.length; i++) {
    const method = SYMBOLS[i];
    if (method !== undefined && get(method.owner, method.name) !== method.value) return false;
  }
  return true;
}

const CLOSED = CAPTURED.filter(({ isClosed }) => isClosed);

/** What the comparisons leave out: names that are no identifiers. */
const SYMBOLS = CAPTURED.flatMap(({ owner, names, values }) =>
  names.flatMap((name, n) => (typeof name === "symbol" ? [{ owner, name, value: values[n] }] : [])),
);

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const hasCapturedMethods = compileCheck();

/** One comparison after the other, so that each is as fast as a property can be read; a loop over all of them takes fifty times as long. */
function compileCheck(): () => boolean {
  const owners = CAPTURED.map(({ owner }) => owner);
  const values = CAPTURED.map((captured) => captured.values);
  const named = CAPTURED.flatMap(({ names }, o) => names.map((name, n) => ({ name, o, n }))).filter(
    ({ name }) => typeof name === "string" && IDENTIFIER.test(name),
  );
  const constants = named.map(({ o, n }) => `const v${o}_${n} = values[${o}][${n}];`).join("");
  const objects = owners.map((_, o) => `const o${o} = owners[${o}];`).join("");
  const comparisons = named.map(({ name, o, n }) => `o${o}.${String(name)} === v${o}_${n}`).join(" && ");
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- made of names of built-ins alone
    const made: unknown = new Function("owners", "values", `${objects}${constants}return () => ${comparisons};`)(
      owners,
      values,
    );
    if (isCheck(made)) return made;
  } catch {
    // Where code may not be made of text, the slow way is the only one.
  }
  return hasEveryMethod;
}

function hasEveryMethod(): boolean {
  for (let i = 0; i < CAPTURED.length; i++) {
    const { names = [], owner = NO_MEMBERS, values = [] } = CAPTURED[i] ?? {};
    for (let n = 0; n < names.length; n++) if (get(owner, names[n] ?? "") !== values[n]) return false;
  }
  return true;
}

function isCheck(made: unknown): made is () => boolean {
  return typeof made === "function";
}

/** Restores what was captured. @returns what puts each change back. Calls no method of an array: any may be a changed one. */
function takeChanges(): readonly (() => void)[] {
  const undone: (() => void)[] = [];
  let count = 0;
  const note = (owner: object, name: PropertyKey): void => {
    const changed = describe(owner, name);
    // What inherits from a poisoned prototype is no descriptor.
    if (changed !== undefined) setPrototype(changed, null);
    setPlain(undone, count++, () => {
      if (changed === undefined) remove(owner, name);
      else define(owner, name, changed);
    });
  };
  for (let i = 0; i < CAPTURED.length; i++) {
    const captured = CAPTURED[i];
    if (captured !== undefined) restore(captured, note);
  }
  return undone;
}

function restore({ owner, names, values, isClosed }: Captured, note: (owner: object, name: PropertyKey) => void): void {
  // What was added goes first: an added index has changed the length of the array's prototype.
  const present = isClosed ? ownKeys(owner) : NOTHING;
  for (let i = 0; i < present.length; i++) {
    const name = present[i];
    if (name === undefined || isAmong(names, name)) continue;
    note(owner, name);
    remove(owner, name);
  }
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === undefined || get(owner, name) === values[i]) continue;
    note(owner, name);
    setPlain(owner, name, values[i]);
  }
}

const NOTHING: readonly PropertyKey[] = [];

function setPlain(owner: object, name: PropertyKey, value: unknown): void {
  const descriptor: PropertyDescriptor = create(null);
  descriptor.value = value;
  descriptor.writable = true;
  descriptor.configurable = true;
  descriptor.enumerable = false;
  if (define(owner, name, descriptor)) return;
  // What can't be made anew, such as a length, may still be set.
  const setting: PropertyDescriptor = create(null);
  setting.value = value;
  define(owner, name, setting);
}

function isAmong(names: readonly PropertyKey[], wanted: PropertyKey): boolean {
  for (let i = 0; i < names.length; i++) if (names[i] === wanted) return true;
  return false;
}

function capture(owner: object, isClosed: boolean): Captured {
  const names = ownKeys(owner).filter((name) => "value" in (describe(owner, name) ?? {}) || isClosed);
  return { owner, names, values: names.map((name) => get(owner, name)), isClosed };
}
