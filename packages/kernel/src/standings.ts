import type { Caller, Message } from "@cortexos/protocol";
import { draftDecision, type DraftTerms } from "./draft.ts";
import { isJetStreamApi } from "./effects.ts";
import type { EndingParts } from "./endings.ts";
import type { StandingRelease } from "./gate-types.ts";
import { recover } from "./maybe-promise.ts";
import { payloadForm } from "./message-view.ts";
import type { ActivePolicy, MaybePromise } from "./ports.ts";
import { prepareInput } from "./prepare.ts";
import { policyReads } from "./reads.ts";
import { recordDurability } from "./recorder.ts";
import { beginRun, RUN_MS_MAX, type GrantedStanding, type Run } from "./run.ts";

/** Most standing releases of one caller; the oldest is given up for a new one. */
export const STANDINGS_PER_CALLER_MAX = 256;

/** Most runs that wait for their record; all are written when there are more. */
export const RUNS_OPEN_MAX = 4096;

/** Standing releases, and the records of their runs. */
export interface Standings {
  readonly standing: (subject: string, caller: Caller) => StandingRelease | undefined;
  /** Writes the record of every open run. Rejects when one can't be written. */
  readonly flush: () => MaybePromise<void>;
}

interface Standing extends StandingRelease {
  readonly giveUp: () => void;
}

export function createStandings(parts: EndingParts): Standings {
  const { options, recorder } = parts;
  const byCaller = new WeakMap<Caller, Map<string, Standing>>();
  const runs = createOpenRuns(parts);

  function make(granted: GrantedStanding): Standing {
    let givenUp = false;
    let run: Run | undefined;
    return {
      account(count, frames) {
        if (count < 1) return;
        if (run?.isOpen() !== true) run = runs.begin(granted, frames);
        if (run.add(count, frames)) runs.write(run);
      },
      giveUp() {
        givenUp = true;
        if (run?.isOpen() === true) runs.write(run);
      },
      isCurrent: () => !givenUp && recorder.isHealthy() && options.policies.current() === granted.policy,
    };
  }

  function standing(subject: string, caller: Caller): StandingRelease | undefined {
    const own = byCaller.get(caller) ?? new Map<string, Standing>();
    byCaller.set(caller, own);
    const known = own.get(subject);
    if (known?.isCurrent() === true) return known;
    known?.giveUp();
    own.delete(subject);
    const policy = recorder.isHealthy() ? options.policies.current() : undefined;
    const draft =
      policy === undefined ? undefined : draftStanding(policy, { caller, subject, nowNs: options.clock.nowNs() });
    if (policy === undefined || draft === undefined) return undefined;
    if (own.size >= STANDINGS_PER_CALLER_MAX) giveUpOldest(own);
    const made = make({ caller, draft, policy, subject });
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

interface OpenRuns {
  readonly begin: (granted: GrantedStanding, frames: Uint8Array) => Run;
  readonly write: (run: Run) => void;
  readonly flush: () => MaybePromise<void>;
}

function createOpenRuns(parts: EndingParts): OpenRuns {
  const { options, recorder } = parts;
  const open = new Set<Run>();
  let isTimed = false;

  function write(run: Run): void {
    open.delete(run);
    recorder.attempt(run.close());
  }

  function flush(): MaybePromise<void> {
    const records = [...open].map((run) => run.close());
    open.clear();
    // One that fails doesn't keep the others back.
    const appended = records.map((record) =>
      recover(
        () => recorder.append(record),
        (thrown) => Promise.reject(thrown),
      ),
    );
    if (appended.every((done) => done === undefined)) return undefined;
    return Promise.all(appended.map((done) => Promise.resolve(done))).then(() => undefined);
  }

  async function flushInTime(): Promise<void> {
    isTimed = true;
    try {
      await options.timers.sleep(RUN_MS_MAX);
    } finally {
      isTimed = false;
      for (const run of open) write(run);
    }
  }

  function begin(granted: GrantedStanding, frames: Uint8Array): Run {
    const run = beginRun(parts, granted, frames);
    if (open.size >= RUNS_OPEN_MAX) for (const waiting of open) write(waiting);
    open.add(run);
    // A timer that fails has flushed already; the next run sets another.
    if (!isTimed) flushInTime().catch(() => undefined);
    return run;
  }

  return { begin, flush, write };
}

interface Asked {
  readonly caller: Caller;
  readonly subject: string;
  readonly nowNs: bigint;
}

const NO_PAYLOAD = new Uint8Array(0);

/** The decision for every plain message on a subject; `undefined` when there is no one decision, or it is no plain ALLOW. */
function draftStanding(policy: ActivePolicy, { caller, nowNs, subject }: Asked): DraftTerms | undefined {
  const reads = policyReads(policy);
  if (!reads.standing || (reads.effects && isJetStreamApi(subject))) return undefined;
  const message: Message = { subject, reply: "", headers: [], payload: NO_PAYLOAD };
  const { fault, input, text } = prepareInput(message, caller, { policy, nowNs: nowNs.toString(), budgetState: {} });
  if (fault !== undefined) return undefined;
  const { format } = payloadForm(policy.manifest, subject);
  if (format !== "auto" && format !== "binary") return undefined;
  if (recordDurability(policy.manifest, subject) !== "buffered") return undefined;
  const draft = draftDecision(input, text, policy);
  if (draft.outcome !== "ALLOW") return undefined;
  const { budgets, hold, patch, throttles } = draft.terms;
  return budgets.length === 0 && throttles.length === 0 && hold === undefined && patch === undefined
    ? draft
    : undefined;
}
