import type { Caller } from "@cortexos/protocol";
import { createApprovals, type Approvals } from "./approvals.ts";
import { parkMessage, type HoldDesk } from "./hold-desk.ts";
import { reportFault, type GateOptions } from "./gate-options.ts";
import type { Gate } from "./gate-types.ts";
import { submitMessage, type Pipeline } from "./pipeline.ts";
import type { MaybePromise } from "./ports.ts";
import { createRecorder } from "./recorder.ts";
import { createStandings } from "./standings.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/** A gate with what its composition root needs beside it. */
export interface KernelGate extends Gate {
  readonly approvals: Approvals;
  /** Writes the records of all standing releases. Rejects when one can't be written. Call it before the process ends. */
  flush(): MaybePromise<void>;
  /** Stops watching holds. What waits for one goes on waiting; `flush` first. */
  close(): void;
}

/**
 * Makes a gate over ports. Pure but for them: with ports that answer at once, `submit` answers at once.
 *
 * Every message goes the same way, and every step can only narrow: input, evaluation, combination, patches, then budgets and throttles
 * together, then the record, then the release. There is no switch to fail open.
 */
export function createGate(options: GateOptions): KernelGate {
  const recorder = createRecorder(options);
  const closing = new AbortController();
  const waitMsLeft = options.throttleWaitMsMax ?? 0;
  const desk: HoldDesk = {
    options,
    recorder,
    room: createWaitingRoom(options),
    resubmit: (submission) => submitMessage(pipeline, submission),
    closed: closing.signal,
  };
  const pipeline: Pipeline = {
    options,
    recorder,
    park: (parking) => parkMessage(desk, parking),
    waiters: { count: 0 },
  };
  const standings = createStandings({ options, recorder });
  return {
    approvals: createApprovals(desk),
    close: () => closing.abort(),
    flush: () => standings.flush(),
    standing: (subject, caller) => standingOrNone(subject, caller),
    submit: (message, caller) => submitMessage(pipeline, { message, caller, waitMsLeft }),
  };

  function standingOrNone(subject: string, caller: Caller): ReturnType<Gate["standing"]> {
    try {
      return standings.standing(subject, caller);
    } catch (thrown) {
      reportFault(options, "kernel", thrown);
      return undefined;
    }
  }
}
