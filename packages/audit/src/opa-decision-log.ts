import type { Decision, DecisionRecord, Input } from "@cortexos/protocol";
import { timeText } from "./audit-event.ts";

/** A decision as OPA's decision logs have it. */
export interface OpaDecisionLog {
  readonly labels: { readonly id: string; readonly engine: string };
  readonly decision_id: string;
  readonly bundles: { readonly cortexos: { readonly revision: string } };
  /** The entrypoint, as OPA names it in its API. */
  readonly path: string;
  readonly input: Input;
  readonly result: Decision;
  readonly requested_by: string;
  /** RFC 3339 with nanoseconds. */
  readonly timestamp: string;
  readonly metrics: { readonly timer_server_handler_ns: number };
  /** Paths that were left out. */
  readonly erased?: readonly string[];
  /** Paths that hold something else than what was decided on. */
  readonly masked?: readonly string[];
}

/** What the policy's generated entrypoint is called. */
const ENTRYPOINT = "cortexos/main/findings";

/** The record of a decision for whatever reads OPA's decision logs. `result` is the decision itself, not the findings of the entrypoint. */
export function opaDecisionLog(record: DecisionRecord): OpaDecisionLog {
  const { at_ns: at, decision, input, omitted, origin, redactions, took_ns: tookNs } = record;
  const erased =
    omitted === undefined ? [] : ["/input/message/payload", ...(omitted.action === undefined ? [] : ["/input/action"])];
  return {
    labels: { id: origin.writer, engine: decision.engine },
    decision_id: decision.decision_id,
    bundles: { cortexos: { revision: decision.bundle_digest } },
    path: ENTRYPOINT,
    input,
    result: decision,
    requested_by: input.principal.id,
    timestamp: timeText(at),
    metrics: { timer_server_handler_ns: tookNs },
    ...(erased.length > 0 && { erased }),
    ...(redactions !== undefined && { masked: redactions.flatMap((name) => maskedPaths(name, input)) }),
  };
}

function maskedPaths(redaction: string, { action }: Input): readonly string[] {
  if (redaction.startsWith(HEADER)) return [`/input/message/headers/${redaction.slice(HEADER.length)}`];
  const inAction = action === undefined ? [] : [`/input/action${redaction}`];
  return [`/input/message/payload${redaction}`, ...inAction];
}

const HEADER = "header ";
