import type { Caller, DecisionRecord, Message } from "@cortexos/protocol";
import { concludeDecision, decisionBase } from "./decide.ts";
import type { DraftTerms } from "./draft.ts";
import { NO_ANSWERS, type EndingParts } from "./endings.ts";
import { createFrameHash } from "./frame-hash.ts";
import type { ActivePolicy } from "./ports.ts";
import { prepareInput } from "./prepare.ts";

/** Most messages that one record stands for. */
export const RUN_COUNT_MAX = 65_536;

/** Most bytes of frames that one record stands for. */
export const RUN_BYTES_MAX = 16_777_216;

/** Longest time that a run waits for its record, in milliseconds: what a crash can lose. */
export const RUN_MS_MAX = 1000;

/** What every message of a run was granted. */
export interface GrantedStanding {
  readonly caller: Caller;
  readonly draft: DraftTerms;
  readonly policy: ActivePolicy;
  readonly subject: string;
}

/** Messages that were decided alike, until their record is written. */
export interface Run {
  /** Adds messages; true when the run must be closed. */
  readonly add: (count: number, frames: Uint8Array) => boolean;
  /** Ends the run and gives its record. */
  readonly close: () => DecisionRecord;
  readonly isOpen: () => boolean;
}

/**
 * Begins a run with the input of its first message; the others only differ from it in what the policy doesn't read.
 *
 * @param frames - canonical frames of plain messages.
 * @throws Error when they aren't: nothing may be sent then.
 */
export function beginRun({ options, recorder }: EndingParts, granted: GrantedStanding, frames: Uint8Array): Run {
  const { caller, draft, policy } = granted;
  const startNs = options.clock.nowNs();
  const moment = { policy, nowNs: startNs.toString(), budgetState: {} };
  const { fault, input, text } = prepareInput(firstMessage(granted.subject, frames), caller, moment);
  if (fault !== undefined) throw new Error("a run begins with a message that isn't plain");
  const decision = concludeDecision(decisionBase(input, text, policy), draft, {});
  const tookNs = Number(options.clock.nowNs() - startNs);
  const hash = createFrameHash();
  let bytes = 0;
  let count = 0;
  let open = true;
  return {
    add(added, addedFrames) {
      hash.update(addedFrames);
      bytes += addedFrames.length;
      count += added;
      return count >= RUN_COUNT_MAX || bytes >= RUN_BYTES_MAX;
    },
    close() {
      open = false;
      return {
        ...recorder.head(caller.session.id),
        type: "decision",
        decision,
        input,
        answers: NO_ANSWERS,
        took_ns: tookNs,
        frame_sha256: hash.digest(),
        durability: "buffered",
        ...(count > 1 ? { run: { count, bytes } } : {}),
      };
    },
    isOpen: () => open,
  };
}

/** The first message of canonical frames without reply and headers: `PUB <subject> <size>`. */
function firstMessage(subject: string, frames: Uint8Array): Message {
  const prefix = `PUB ${subject} `;
  let end = prefix.length;
  let size = 0;
  for (let c = frames[end] ?? 0; c >= 0x30 && c <= 0x39; c = frames[end] ?? 0) {
    size = size * 10 + (c - 0x30);
    end++;
  }
  const start = end + 2;
  const isLine = startsWith(frames, prefix) && end > prefix.length && frames[end] === 0x0d && frames[end + 1] === 0x0a;
  if (!isLine || start + size + 2 > frames.length) {
    throw new Error("a run begins with something that is no plain canonical frame of its subject");
  }
  return { subject, reply: "", headers: [], payload: frames.subarray(start, start + size) };
}

function startsWith(bytes: Uint8Array, ascii: string): boolean {
  for (let i = 0; i < ascii.length; i++) if (bytes[i] !== ascii.charCodeAt(i)) return false;
  return true;
}
