import type { MaybePromise } from "./ports.ts";

/** Goes on with a value at once when it is there, so that a decision whose ports answer synchronously never waits for a turn. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Runs something that may throw now or reject later, and answers with `failed` in both cases. */
export function recover<T>(run: () => MaybePromise<T>, failed: (thrown: unknown) => MaybePromise<T>): MaybePromise<T> {
  let value: MaybePromise<T>;
  try {
    value = run();
    if (!isPromiseLike(value)) return value;
  } catch (thrown) {
    return failed(thrown);
  }
  return Promise.resolve(value).then((settled) => settled, failed);
}

function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
