import { digestFrame } from "@cortexos/protocol";
import { denial, type Denial } from "./combine.ts";
import { denyDecision } from "./decide.ts";
import { reportFault, type GateOptions } from "./gate-options.ts";
import type { GateResult } from "./gate-types.ts";
import { approvedSubmission, holdOf } from "./held-message.ts";
import { andThen, recover } from "./maybe-promise.ts";
import type { Parking, Submission } from "./pass.ts";
import type { Parked } from "./pipeline.ts";
import type { Hold, MaybePromise } from "./ports.ts";
import type { Recorder } from "./recorder.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What a desk for held messages is made of. */
export interface HoldDesk {
  readonly options: GateOptions;
  readonly recorder: Recorder;
  readonly room: WaitingRoom;
  /** Decides an approved message again, under what is current. */
  readonly resubmit: (submission: Submission) => MaybePromise<GateResult>;
  /** Aborted when the gate closes: nobody watches then, and who waits goes on waiting. */
  readonly closed: AbortSignal;
}

/** Parks a message and watches over its expiry. */
export function parkMessage(desk: HoldDesk, parking: Parking): MaybePromise<Parked> {
  const { options, room } = desk;
  const { holds } = options;
  if (holds === undefined) return notParked("hold.unavailable", "no hold store is configured");
  const hold = holdOf(parking);
  const waiter = room.enter(hold.id);
  const answer = recover(
    () => holds.park(hold),
    (thrown) => {
      reportFault(options, "holds", thrown);
      return "unavailable" as const;
    },
  );
  return andThen<"full" | "parked" | "unavailable", Parked>(answer, (parked) => {
    if (parked === "parked") {
      void watchExpiry(desk, hold, waiter.over);
      return { ok: true, hold, settled: waiter.settled };
    }
    room.leave(hold.id);
    if (parked === "full") return notParked("hold.full", "no more messages can be held");
    return notParked("hold.unavailable", "the hold store didn't answer");
  });
}

/** Releases an approved hold, once; `undefined` when somebody else has. Rejects only when the hold store doesn't answer. */
export async function releaseHold(desk: HoldDesk, hold: Hold): Promise<GateResult | undefined> {
  const { options, resubmit, room } = desk;
  if ((await options.holds?.claimRelease(hold.id)) !== true) return undefined;
  if (digestFrame(hold.message) !== hold.frameSha256) {
    return endHold(desk, hold, denial("hold.changed", "the held message is not the one that was shown"));
  }
  return room.tell(hold, await resubmit(approvedSubmission(hold, options.throttleWaitMsMax ?? 0)));
}

/** Ends a hold without a release. */
export function endHold({ room }: HoldDesk, hold: Hold, reason: Denial): GateResult {
  const { bundle_digest, decision_id, engine, evaluated_at, input_digest } = hold.decision;
  const base = { bundle_digest, decision_id, engine, evaluated_at, input_digest };
  return room.tell(hold, { kind: "refuse", decision: denyDecision(base, reason), status: 403 });
}

/** Ends what nobody approved in time and gives its count. */
export async function expireHolds(desk: HoldDesk): Promise<number> {
  const { options, recorder } = desk;
  const expired = (await options.holds?.expire(options.clock.nowNs().toString())) ?? [];
  for (const hold of expired) {
    const { id } = hold.input.context.session;
    void recorder.attempt({ ...recorder.head(id), type: "approval", hold_id: hold.id, verdict: "expire", by: "" });
    void recorder.attempt({ ...recorder.head(id), type: "outcome", decision_id: hold.id, result: "expired" });
    endHold(desk, hold, denial("hold.expired", "nobody approved the message in time"));
  }
  return expired.length;
}

/** Longest single sleep while a hold waits, in milliseconds: timers of the platform take no longer ones. */
const SLEEP_MS_MAX = 2_147_483_647;
/** How often a hold that is past its time is looked at again: it may be approved and on its way. */
const PAST_EXPIRY_MS = 1000;
const NS_PER_MS = 1_000_000n;

async function watchExpiry(desk: HoldDesk, hold: Hold, over: AbortSignal): Promise<void> {
  const { clock, timers } = desk.options;
  const expiresAtNs = BigInt(hold.decision.hold?.expires_at_ns ?? "0");
  const signal = AbortSignal.any([desk.closed, over]);
  while (!signal.aborted) {
    const leftMs = Number((expiresAtNs - clock.nowNs()) / NS_PER_MS);
    try {
      await timers.sleep(leftMs < 0 ? PAST_EXPIRY_MS : Math.min(leftMs + 1, SLEEP_MS_MAX), signal);
      await expireHolds(desk);
      // Where many processes share the holds, another one may have ended it: nobody here is told of that.
      if (leftMs < 0 && !signal.aborted && (await isEnded(desk, hold.id))) desk.room.leave(hold.id);
    } catch (thrown) {
      if (signal.aborted) return;
      reportFault(desk.options, "holds", thrown);
      // A timer that fails would be asked again and again; `expire()` remains.
      return;
    }
  }
}

async function isEnded({ options }: HoldDesk, id: string): Promise<boolean> {
  const hold = await options.holds?.get(id);
  return hold === undefined || (hold.status !== "waiting" && hold.status !== "approved");
}

function notParked(code: "hold.full" | "hold.unavailable", reason: string): Parked {
  return { ok: false, denial: denial(code, reason) };
}
