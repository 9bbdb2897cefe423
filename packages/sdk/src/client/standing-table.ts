import type { Gate, StandingRelease } from "@cortexos/kernel";
import type { Caller } from "@cortexos/protocol";
import { STANDING_SUBJECT_COUNT_MAX } from "../limits.ts";
import type { PolicyKeeper } from "../policy/policy-keeper.ts";

/** Which subjects have a standing decision; asked once for each caller and policy. */
export interface StandingTable {
  /** What stands for plain messages on a subject, current now; its release may depend on the payload. */
  find(subject: string, caller: Caller): Standing | undefined;
}

export type Standing = NonNullable<ReturnType<Gate["standing"]>>;

/** The release of one message. */
export function standingRelease(standing: Standing, payload: Uint8Array): StandingRelease | undefined {
  return "choose" in standing ? standing.choose(payload) : standing;
}

/** Messages after which it is asked again: what kept a subject from standing may be over. */
const ASK_AGAIN_COUNT = 65_536;

export function createStandingTable(gate: Gate, policy: Pick<PolicyKeeper, "current">): StandingTable {
  let known = new Map<string, Standing | undefined>();
  let knownPolicy = policy.current();
  let knownCaller: Caller | undefined;
  let lookedUpCount = 0;
  return {
    find: (subject, caller) => {
      const current = policy.current();
      const isOld = ++lookedUpCount > ASK_AGAIN_COUNT || known.size > STANDING_SUBJECT_COUNT_MAX;
      if (isOld || current !== knownPolicy || caller !== knownCaller) {
        known = new Map();
        lookedUpCount = 0;
        knownPolicy = current;
        knownCaller = caller;
      }
      const standing = known.get(subject);
      if (standing?.isCurrent() === true || (standing === undefined && known.has(subject))) return standing;
      const asked = gate.standing(subject, caller);
      known.set(subject, asked);
      return asked;
    },
  };
}
