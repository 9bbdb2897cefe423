import { Buffer } from "node:buffer";
import { checkPublishSubject } from "@cortexos/protocol";
import type { ClientFrame } from "./client-frame.ts";
import { SUBJECT_TABLE_COUNT_MAX } from "./limits.ts";
import type { StandingChoice, StandingVerdict } from "./session-types.ts";

/** Slots looked at for one subject. A client can make its own subjects collide; then it loses speed, up to this, and nothing else. */
const PROBE_COUNT_MAX = 4;

/** Plain messages after which a host that gave no standing verdict is asked again. */
const ASK_AGAIN_COUNT = 256;

const SLOT_MASK = SUBJECT_TABLE_COUNT_MAX - 1;

/** What is known of one subject. */
export interface KnownSubject {
  readonly subject: string;
  /** It can be published to. */
  readonly isValid: boolean;
  /** @internal */ readonly bytes: Uint8Array;
  /** @internal */ readonly hash: number;
  /** @internal */ standing: StandingVerdict | StandingChoice | undefined;
  /** @internal */ asksLeft: number;
}

/** Subjects of one connection by their bytes, so that a message on a known one makes no string. Bounded; a new subject takes an old one's slot. */
export interface SubjectTable {
  get(frame: ClientFrame): KnownSubject;
  /** The standing verdict for plain messages, or the choice of one, current at this moment. */
  standing(known: KnownSubject): StandingVerdict | StandingChoice | undefined;
}

export function createSubjectTable(
  ask: (subject: string) => StandingVerdict | StandingChoice | undefined,
): SubjectTable {
  const slots: (KnownSubject | undefined)[] = Array.from({ length: SUBJECT_TABLE_COUNT_MAX }, () => undefined);
  let nextVictim = 0;
  return {
    get: (frame) => {
      const { bytes, subjectStart, subjectEnd, subjectHash } = frame;
      let free = -1;
      for (let probe = 0; probe < PROBE_COUNT_MAX; probe++) {
        const slot = (subjectHash + probe) & SLOT_MASK;
        const known = slots[slot];
        if (known === undefined) {
          free = slot;
          break;
        }
        if (known.hash === subjectHash && isSame(known.bytes, frame)) return known;
      }
      if (free === -1) {
        free = (subjectHash + nextVictim) & SLOT_MASK;
        nextVictim = (nextVictim + 1) % PROBE_COUNT_MAX;
      }
      const known = learn(Uint8Array.from(bytes.subarray(subjectStart, subjectEnd)), subjectHash);
      // An invalid subject can be as long as a control line: not worth its memory.
      if (known.isValid) slots[free] = known;
      return known;
    },
    standing: (known) => {
      if (!known.isValid) return undefined;
      if (known.standing?.isCurrent() === true) return known.standing;
      if (known.standing === undefined && known.asksLeft > 0) {
        known.asksLeft--;
        return undefined;
      }
      known.asksLeft = ASK_AGAIN_COUNT;
      const answer = ask(known.subject);
      known.standing = answer?.isCurrent() === true ? answer : undefined;
      return known.standing;
    },
  };
}

function learn(bytes: Uint8Array, hash: number): KnownSubject {
  const subject = Buffer.from(bytes).toString("latin1");
  const isValid = checkPublishSubject(subject) === undefined;
  return { subject, isValid, bytes, hash, standing: undefined, asksLeft: 0 };
}

function isSame(bytes: Uint8Array, frame: ClientFrame): boolean {
  const { subjectStart, subjectEnd } = frame;
  if (subjectEnd - subjectStart !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (frame.bytes[subjectStart + i] !== bytes[i]) return false;
  }
  return true;
}
