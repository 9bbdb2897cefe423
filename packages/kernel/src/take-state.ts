import type { Input, StoreAnswers } from "@cortexos/protocol";
import { denial, type BudgetRequirement, type Denial, type ThrottleRequirement } from "./combine.ts";
import { reportFault, type GateOptions } from "./gate-options.ts";
import { andThen, recover } from "./maybe-promise.ts";
import type { BudgetOwner, MaybePromise } from "./ports.ts";

/** What a message needs from the stores before it may go. */
export interface StateNeeds {
  /** The decision's id. */
  readonly reservationId: string;
  readonly owner: BudgetOwner;
  readonly budgets: readonly BudgetRequirement[];
  readonly throttles: readonly ThrottleRequirement[];
}

/** What the stores answered. */
export interface StateTaken {
  readonly answers: StoreAnswers;
  /** Whether a reservation is left that must be committed or voided. */
  readonly reserved: boolean;
  /** Set when a store didn't answer. */
  readonly failure?: Denial;
}

/**
 * Reserves budgets and takes throttle tokens: all of them, or nothing is left taken. Budgets come first because a reservation can be given
 * back and a token can't.
 */
export function takeState(options: GateOptions, needs: StateNeeds): MaybePromise<StateTaken> {
  if (needs.budgets.length === 0 && needs.throttles.length === 0) return NOTHING_TAKEN;
  return andThen(reserve(options, needs), (reserved) => {
    if (reserved.failure !== undefined || reserved.answers.budgets.some((answer) => !answer.reserved)) return reserved;
    return andThen(takeTokens(options, needs), (taken) => {
      const answers = { budgets: reserved.answers.budgets, throttles: taken.answers.throttles };
      if (taken.failure === undefined && taken.answers.throttles.every((answer) => answer.admitted)) {
        return { answers, reserved: reserved.reserved };
      }
      if (reserved.reserved) endReservation(options, needs, "void");
      return { ...taken, answers };
    });
  });
}

/** Names a reservation in its store. */
export type Reservation = Pick<StateNeeds, "owner" | "reservationId">;

/** Whose budgets a message spends. */
export function budgetOwner({ context, principal }: Input): BudgetOwner {
  return { tenant: principal.tenant, agent: principal.id, run: context.session.id };
}

/** Commits or gives back a reservation without waiting; a failure is reported and the reservation expires in its store. */
export function endReservation(options: GateOptions, reservation: Reservation, how: "commit" | "void"): void {
  const { budgets } = options;
  if (budgets === undefined) return;
  const { owner, reservationId } = reservation;
  void recover<void>(
    () => (how === "commit" ? budgets.commit(reservationId, owner) : budgets.void(reservationId, owner)),
    (thrown) => {
      reportFault(options, "budgets", thrown);
    },
  );
}

/** A bucket's name in the store. Parts are escaped, so that no tenant can spell another's. */
function throttleKey(tenant: string, key: string): string {
  return `${escapePart(tenant)}/${escapePart(key)}`;
}

const NO_ANSWERS: StoreAnswers = Object.freeze({ budgets: Object.freeze([]), throttles: Object.freeze([]) });
const NOTHING_TAKEN: StateTaken = Object.freeze({ answers: NO_ANSWERS, reserved: false });

function reserve(options: GateOptions, needs: StateNeeds): MaybePromise<StateTaken> {
  const { budgets: amounts, owner, reservationId } = needs;
  if (amounts.length === 0) return NOTHING_TAKEN;
  const { budgets } = options;
  if (budgets === undefined) return unavailable("budget.unavailable", "no budget store is configured");
  return recover<StateTaken>(
    () =>
      andThen(budgets.reserve(reservationId, amounts, owner), (answer) => {
        const reserved = isTrue(answer.reserved);
        const given = amounts.map(({ amount, scope }) => ({ amount, reserved, scope }));
        return { answers: { budgets: given, throttles: NO_ANSWERS.throttles }, reserved };
      }),
    (thrown) => {
      reportFault(options, "budgets", thrown);
      // It may have been reserved before the answer was lost.
      endReservation(options, needs, "void");
      return unavailable("budget.unavailable", "the budget store didn't answer");
    },
  );
}

function takeTokens(options: GateOptions, needs: StateNeeds): MaybePromise<StateTaken> {
  const {
    owner: { tenant },
    throttles: limits,
  } = needs;
  if (limits.length === 0) return NOTHING_TAKEN;
  const { throttles } = options;
  if (throttles === undefined) return unavailable("throttle.unavailable", "no throttle store is configured");
  const requests = limits.map(({ burst, key, rate, windowMs }) => ({
    key: throttleKey(tenant, key),
    rate,
    burst,
    windowMs,
  }));
  return recover<StateTaken>(
    () =>
      andThen(throttles.take(requests), (given) => {
        const answers = limits.map(({ key }, i) => {
          const { admitted, remaining, retryAfterMs } = given[i] ?? NOT_ANSWERED;
          return { admitted: isTrue(admitted), key, remaining: count(remaining), retry_after_ms: count(retryAfterMs) };
        });
        return { answers: { budgets: NO_ANSWERS.budgets, throttles: answers }, reserved: false };
      }),
    (thrown) => {
      reportFault(options, "throttles", thrown);
      return unavailable("throttle.unavailable", "the throttle store didn't answer");
    },
  );
}

const NOT_ANSWERED = { admitted: false, remaining: 0, retryAfterMs: 0 } as const;

function unavailable(code: "budget.unavailable" | "throttle.unavailable", reason: string): StateTaken {
  return { answers: NO_ANSWERS, reserved: false, failure: denial(code, reason) };
}

/** Only `true` is yes, whatever a store's answer pretends. */
function isTrue(value: unknown): boolean {
  return value === true;
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function escapePart(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}
