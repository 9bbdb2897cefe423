import { recordedSpendings, type LostLedger, type SharedBudgetLedger } from "@cortexos/stores";
import type { RecordsConfig } from "../config/sidecar-config.ts";
import type { StoresParts } from "./open-stores.ts";

/** What budgets are rebuilt from. */
export interface MenderParts extends StoresParts {
  readonly budgets: SharedBudgetLedger;
  readonly records: RecordsConfig;
}

/**
 * Rebuilds the budgets of tenants whose store lost writes, from the records in JetStream; with records anywhere else they stay denied. One that was found out
 * in this round waits for the next: what is spent already may not be recorded yet.
 */
export function createMender({ budgets, log, own, records }: MenderParts): () => Promise<void> {
  let known: readonly LostLedger[] = [];
  return async () => {
    const lost = budgets.rewound();
    if (records.kind === "jetstream" && own.state().ok) {
      const connection = await own.first;
      for (const ledger of lost) {
        if (!known.some(({ tenant }) => tenant === ledger.tenant)) continue;
        const { sinceMs, tenant } = ledger;
        await budgets.restore(ledger, recordedSpendings({ connection, stream: records.stream, sinceMs }));
        log.warn({ tenant, since: new Date(sinceMs).toISOString() }, "budgets were rebuilt from the records");
      }
    }
    for (const { tenant } of lost) {
      if (!known.some((earlier) => earlier.tenant === tenant)) log.error({ tenant }, "Redis lost acknowledged writes");
    }
    known = lost;
  };
}
