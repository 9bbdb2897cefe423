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

const CAPTURED: readonly Captured[] = [
  capture(Object.prototype, true),
  capture(Array.prototype, true),
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

function isPristine(): boolean {
  for (let i = 0; i < CAPTURED.length; i++) {
    const captured = CAPTURED[i];
    if (captured !== undefined && !isUnchanged(captured)) return false;
  }
  return true;
}

function isUnchanged({ owner, names, values, isClosed }: Captured): boolean {
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name !== undefined && get(owner, name) !== values[i]) return false;
  }
  return !isClosed || ownKeys(owner).length === names.length;
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
