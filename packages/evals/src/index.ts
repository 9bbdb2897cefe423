export { readDataset, type Attack, type Dataset, type Task, type ToolCall, type ToolSchema } from "./dataset.ts";
export { EVALS_ERRORS, EvalsError, isEvalsError, type EvalsErrorCode } from "./evals-error.ts";
export { generateAttacks } from "./generate-attacks.ts";
export { measure, type Measured, type StoppedCall, type SuiteFigures } from "./measure.ts";
export { buildPacks, readPacks, type PackBundleOptions } from "./pack-bundle.ts";
export { reportOf, reportText, type EvalReport, type ReportRow } from "./report.ts";
export { openSessionGate, type SessionGate } from "./session-gate.ts";
export { runEvalAgents, type EvalIo } from "./run-eval-agents.ts";
