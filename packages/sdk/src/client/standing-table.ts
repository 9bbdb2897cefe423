import type { Gate, StandingRelease } from "@cortexos/kernel";
import type { Caller } from "@cortexos/protocol";
import { STANDING_SUBJECT_COUNT_MAX } from "../limits.ts";
import type { PolicyKeeper } from "../policy/policy-keeper.ts";

/** Which subjects have a standing decision; asked once for each caller and policy. */
export interface StandingTable {
  /** A release for this plain message, current now. */
  find(subject: string, caller: Caller, payload: Uint8Array): StandingRelease | undefined;
}

/** Messages after which it is asked again: what kept a subject from standing may be over. */
const ASK_AGAIN_COUNT = 65_536;

type Standing = ReturnType<Gate["standing"]>;

export function createStandingTable(gate: Gate, policy: Pick<PolicyKeeper, "current">): StandingTable {
  let known = new Map<string, Standing>();
  let knownPolicy = policy.current();
  let knownCaller: Caller | undefined;
  let lookedUpCount = 0;
  const lookUp = (subject: string, caller: Caller): Standing => {
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
  };
  return {
    find: (subject, caller, payload) => {
      const standing = lookUp(subject, caller);
      if (standing === undefined) return undefined;
      return "choose" in standing ? standing.choose(payload) : standing;
    },
  };
}
