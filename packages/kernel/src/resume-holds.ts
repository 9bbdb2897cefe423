import { releaseHold, type HoldDesk } from "./hold-desk.ts";
import type { Hold } from "./ports.ts";

/** Most holds that one list gives. */
export const HOLD_LIST_COUNT_MAX = 1000;

/** How long an approved hold is left to the process in which it was approved, in milliseconds. */
export const RESUME_MS_MIN = 5000;

const NS_PER_MS = 1_000_000n;

/** Releases what was approved a while ago and never released: the process that should have ended in between. */
export async function resumeHolds(desk: HoldDesk): Promise<number> {
  const { clock, holds } = desk.options;
  const beforeNs = clock.nowNs() - BigInt(RESUME_MS_MIN) * NS_PER_MS;
  let count = 0;
  for (const hold of (await holds?.list(HOLD_LIST_COUNT_MAX)) ?? []) {
    const last = hold.approvals.at(-1);
    if (hold.status !== "approved" || last === undefined || BigInt(last.atNs) > beforeNs) continue;
    if (await resumeHold(desk, hold, last.by)) count++;
  }
  return count;
}

/** Whoever approved it may have ended before that was recorded: it is recorded again rather than never. */
async function resumeHold(desk: HoldDesk, hold: Hold, by: string): Promise<boolean> {
  const { recorder } = desk;
  const head = recorder.head(hold.input.context.session.id);
  try {
    await recorder.append({ ...head, type: "approval", hold_id: hold.id, verdict: "approve", by });
  } catch {
    return false;
  }
  return (await releaseHold(desk, hold)) !== undefined;
}
