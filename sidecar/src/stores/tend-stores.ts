import type { Approvals } from "@cortexos/kernel";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { reasonText } from "../sidecar-error.ts";
import type { Stores } from "./open-stores.ts";

const ROUND_MS = 1_000;

/** Rounds from one look at approved holds that nobody released to the next. */
const RESUME_ROUNDS = 15;

/**
 * Looks after what outlives a process: rebuilds budgets whose store lost writes, ends holds whose time is over, wherever they were parked, and goes on with
 * approved ones whose process has ended. Until it is stopped.
 */
export function tendStores(
  stores: Stores,
  approvals: Pick<Approvals, "expire" | "resume">,
  log: Logger,
): { readonly stop: () => void } {
  const stopping = new AbortController();
  const tend = async (): Promise<void> => {
    let problem = "";
    for (let round = 0; !stopping.signal.aborted; round++) {
      try {
        await stores.mend();
        const endedCount = await approvals.expire();
        if (endedCount > 0) log.info({ endedCount }, "held messages ended without an approval");
        const resumedCount = round % RESUME_ROUNDS === 0 ? await approvals.resume() : 0;
        if (resumedCount > 0) log.warn({ resumedCount }, "approved messages of a process that ended were released");
        await stores.countHolds();
        problem = "";
      } catch (reason) {
        const latest = reasonText(reason);
        if (latest !== problem) log.error({ reason: latest }, "stores can't be looked after");
        problem = latest;
      }
      await sleep(ROUND_MS, undefined, { signal: stopping.signal, ref: false });
    }
  };
  // Ends by rejecting only when it is stopped.
  if (stores.isShared) void tend().catch(() => undefined);
  return { stop: () => stopping.abort() };
}
