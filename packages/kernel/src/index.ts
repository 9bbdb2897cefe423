export type { Gate, GateResult, ReleaseDone, StandingRelease } from "./gate-types.ts";
export type {
  ActivePolicy,
  BudgetStore,
  Clock,
  Hold,
  HoldChange,
  HoldRefusal,
  HoldStatus,
  HoldStore,
  MaybePromise,
  PolicySource,
  RecordSink,
  ThrottleAnswer,
  ThrottleRequest,
  ThrottleStore,
  Timers,
} from "./ports.ts";
export { HOLD_REFUSALS } from "./ports.ts";
