import type { Caller } from "@cortexos/protocol";
import { canStand, draftStanding, type Asked } from "./draft-standing.ts";
import type { EndingParts } from "./endings.ts";
import type { StandingChoice, StandingRelease } from "./gate-types.ts";
import { payloadForm } from "./message-view.ts";
import { createOpenRuns, type OpenRuns } from "./open-runs.ts";
import type { ActivePolicy, MaybePromise } from "./ports.ts";
import { policyReads } from "./reads.ts";
import type { GrantedStanding, Run } from "./run.ts";
import { createChoices, type GivenUp } from "./standing-choice.ts";

/** Most standing releases of one caller; the oldest is given up for a new one. */
export const STANDINGS_PER_CALLER_MAX = 256;

/** Standing releases, and the records of their runs. */
export interface Standings {
  readonly standing: (subject: string, caller: Caller) => StandingRelease | StandingChoice | undefined;
  /** Writes the record of every open run. Rejects when one can't be written. */
  readonly flush: () => MaybePromise<void>;
}

/** What is kept of a caller for a subject. */
type Standing = (StandingRelease | StandingChoice) & GivenUp;

export function createStandings(parts: EndingParts): Standings {
  const { options, recorder } = parts;
  const byCaller = new WeakMap<Caller, Map<string, Standing>>();
  const runs = createOpenRuns(parts);
  const choiceOf = createChoices(parts, (granted) => createRelease(granted, parts, runs));

  function make(policy: ActivePolicy, asked: Asked): Standing | undefined {
    switch (policyReads(policy).standing) {
      case "all":
        return releaseOf(policy, asked);
      case "payload":
        return choiceOf(policy, asked);
      case "none":
        return undefined;
    }
  }

  function releaseOf(policy: ActivePolicy, asked: Asked): Standing | undefined {
    // Where the bundle asks for a format, each payload has to have it.
    if (!canStand(policy, asked.subject) || !isPayloadOpen(policy, asked.subject)) return undefined;
    const draft = draftStanding(policy, asked, { nowNs: options.clock.nowNs(), payload: NO_PAYLOAD });
    return draft === undefined ? undefined : createRelease({ ...asked, draft, policy }, parts, runs);
  }

  function standing(subject: string, caller: Caller): Standing | undefined {
    const own = byCaller.get(caller) ?? new Map<string, Standing>();
    byCaller.set(caller, own);
    const known = own.get(subject);
    if (known?.isCurrent() === true) return known;
    known?.giveUp();
    own.delete(subject);
    const policy = recorder.isHealthy() ? options.policies.current() : undefined;
    const made = policy === undefined ? undefined : make(policy, { caller, subject });
    if (made === undefined) return undefined;
    if (own.size >= STANDINGS_PER_CALLER_MAX) giveUpOldest(own);
    own.set(subject, made);
    return made;
  }

  return { flush: runs.flush, standing };
}

function giveUpOldest(own: Map<string, Standing>): void {
  const [oldest] = own;
  if (oldest === undefined) return;
  oldest[1].giveUp();
  own.delete(oldest[0]);
}

function isPayloadOpen(policy: ActivePolicy, subject: string): boolean {
  const { format } = payloadForm(policy.manifest, subject);
  return format === "auto" || format === "binary";
}

function createRelease(
  granted: GrantedStanding,
  { options, recorder }: EndingParts,
  runs: OpenRuns,
): StandingRelease & GivenUp {
  let givenUp = false;
  let run: Run | undefined;
  return {
    account(count, frames) {
      if (count < 1) return;
      if (run?.isOpen() !== true) run = runs.begin(granted, frames);
      if (run.add(count, frames)) runs.write(run);
      options.onStood?.(count);
    },
    giveUp() {
      givenUp = true;
      if (run?.isOpen() === true) runs.write(run);
    },
    isCurrent: () => !givenUp && recorder.isHealthy() && options.policies.current() === granted.policy,
  };
}

const NO_PAYLOAD = new Uint8Array(0);
