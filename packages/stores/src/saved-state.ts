import type { BookState, KeptAccount, Reservation } from "./budget-book.ts";
import { BUDGET_LEVELS } from "./budget-limits.ts";
import { reasonText, StoresError } from "./stores-error.ts";
import type { ThrottleBucket, ThrottleBuckets } from "./throttle-book.ts";

/**
 * Reads a saved ledger.
 *
 * @throws StoresError `store.damaged`.
 */
export function readBook(text: string): BookState {
  const saved = parse(text);
  const isBook =
    isObject(saved) &&
    isEntries(saved["accounts"], isKeptAccount) &&
    isEntries(saved["pending"], isReservation) &&
    isEntries(saved["resolved"], isReservation);
  if (!isBook || !hasPages(saved)) throw damaged("it is no ledger");
  return saved;
}

/**
 * Reads saved buckets of throttles.
 *
 * @throws StoresError `store.damaged`.
 */
export function readBuckets(text: string): ThrottleBuckets {
  const saved = parse(text);
  if (!isEntries(saved, isThrottleBucket)) throw damaged("it is no list of buckets");
  return new Map(saved);
}

/** The pages have been looked at. */
function hasPages(saved: object): saved is BookState {
  return ["accounts", "pending", "resolved"].every((page) => page in saved);
}

function isKeptAccount(value: unknown): value is KeptAccount {
  if (!isObject(value) || !isObject(value["state"])) return false;
  const { committed, reserved, debt, window } = value["state"];
  const counts = [committed, reserved, debt, window, value["windowMs"], value["atMs"]];
  return counts.every(isCount) && typeof value["isRun"] === "boolean";
}

function isReservation(value: unknown): value is Reservation {
  if (!isObject(value) || typeof value["text"] !== "string" || !isCount(value["endsAtMs"])) return false;
  return Array.isArray(value["charges"]) && value["charges"].every(isCharge);
}

function isCharge(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { key, scope, per, amount, limit, windowMs } = value;
  const isText = typeof key === "string" && typeof scope === "string";
  return isText && BUDGET_LEVELS.some((level) => level === per) && [amount, limit, windowMs].every(isCount);
}

function isThrottleBucket(value: unknown): value is ThrottleBucket {
  if (!isObject(value) || !isObject(value["state"])) return false;
  return [value["drainedAtUs"], value["state"]["atUs"], value["state"]["debt"]].every(isCount);
}

function isEntries<T>(
  value: unknown,
  isItem: (item: unknown) => item is T,
): value is readonly (readonly [string, T])[] {
  if (!Array.isArray(value)) return false;
  return value.every(
    (entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string" && isItem(entry[1]),
  );
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(reasonText(cause), cause);
  }
}

function damaged(why: string, cause?: unknown): StoresError {
  return new StoresError("store.damaged", `a stored state can't be used: ${why}`, { cause });
}
