import type { AuditRecord, DecisionRecord } from "@cortexos/protocol";
import type { BatchSeal } from "./batch-seal.ts";

/**
 * A record as an event for auditors: who, what, when, whence, on what, by which policy, with what end, and where it is in the chain. It has no payload, only digests.
 * Absent is what the record doesn't say.
 */
export interface AuditEvent {
  readonly event: { readonly id: string; readonly type: AuditRecord["type"] };
  /** UTC with nanoseconds, RFC 3339. */
  readonly ts: string;
  readonly clock_source: "system";
  readonly actor?: {
    readonly agent_id: string;
    readonly kind: string;
    readonly tenant: string;
    readonly roles: readonly string[];
    readonly on_behalf_of?: string;
    readonly authenticated_by: string;
    readonly session: string;
  };
  readonly decision?: { readonly id: string; readonly outcome: string; readonly reason: string };
  /** Rules and codes that gave the decision; the code of a violation. */
  readonly reason_codes: readonly string[];
  readonly outcome: "released" | "refused" | "held" | "expired" | "failed" | "unknown" | "approved" | "denied" | "none";
  readonly origin: { readonly writer: string; readonly connection: string; readonly source?: string };
  readonly resource?: {
    readonly subject: string;
    readonly reply: string;
    readonly tool?: string;
    readonly tenant: string;
    readonly environment: string;
  };
  readonly policy?: { readonly bundle_digest: string; readonly engine: string; readonly rule_ids: readonly string[] };
  readonly approval?: { readonly id: string; readonly approvers: readonly string[]; readonly shown_sha256?: string };
  readonly payload_sha256?: string;
  /** Digest of the frame that is released or held. */
  readonly frame_sha256?: string;
  readonly is_modified: boolean;
  /** Messages that it stands for. */
  readonly message_count: number;
  readonly redactions: readonly string[];
  /** Whether the payload was left out for its size. */
  readonly is_omitted: boolean;
  readonly detail?: string;
  /** Absent for what no seal covers. */
  readonly chain?: {
    readonly writer: string;
    readonly epoch: number;
    readonly seq: number;
    readonly prev: string;
    readonly hash: string;
  };
}

/** @param seal - of the record's batch. */
export function auditEvent(record: AuditRecord, seal?: BatchSeal): AuditEvent {
  const base = {
    event: { id: record.record_id, type: record.type },
    ts: timeText(record.at_ns),
    clock_source: "system",
    reason_codes: [],
    outcome: "none",
    origin: record.origin,
    is_modified: false,
    message_count: 0,
    redactions: [],
    is_omitted: false,
    ...(seal !== undefined && {
      chain: { writer: seal.writer, epoch: seal.epoch, seq: seal.seq, prev: seal.prev, hash: seal.hash },
    }),
  } as const;
  switch (record.type) {
    case "decision":
      return { ...base, ...decisionFields(record) };
    case "outcome":
      return { ...base, outcome: record.result, decision: { id: record.decision_id, outcome: "", reason: "" } };
    case "approval":
      return {
        ...base,
        outcome: APPROVAL_OUTCOMES[record.verdict],
        approval: { id: record.hold_id, approvers: record.by === "" ? [] : [record.by] },
      };
    case "violation":
      return { ...base, outcome: "refused", reason_codes: [record.code], detail: record.reason };
    case "lifecycle":
      return { ...base, reason_codes: [record.event], detail: record.detail };
  }
}

/** Nanoseconds since 1970 as RFC 3339 with nine decimals. */
export function timeText(ns: string): string {
  const value = BigInt(ns);
  const seconds = new Date(Number(value / NS_PER_MS)).toISOString().slice(0, SECONDS_CHARS);
  return `${seconds}.${(value % NS_PER_SECOND).toString().padStart(9, "0")}Z`;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const SECONDS_CHARS = "2026-01-01T00:00:00".length;
const APPROVAL_OUTCOMES = { approve: "approved", deny: "denied", expire: "expired" } as const;

type DecisionFields = Omit<AuditEvent, "chain" | "clock_source" | "event" | "origin" | "ts">;

function decisionFields(record: DecisionRecord): DecisionFields & Pick<AuditEvent, "origin"> {
  const { approval, decision, frame_sha256: frame, input, origin, run } = record;
  const { context, job_meta: job, message, principal } = input;
  return {
    actor: {
      agent_id: principal.id,
      kind: principal.kind,
      tenant: principal.tenant,
      roles: principal.roles,
      ...(principal.on_behalf_of !== undefined && { on_behalf_of: principal.on_behalf_of }),
      authenticated_by: principal.authenticated_by,
      session: context.session.id,
    },
    decision: { id: decision.decision_id, outcome: decision.outcome, reason: decision.reason },
    reason_codes: decision.rule_ids,
    // That it went is what its outcome record says.
    outcome: DECISION_OUTCOMES[decision.outcome],
    origin: { ...origin, source: context.source },
    resource: {
      subject: message.subject,
      reply: message.reply,
      ...(input.action !== undefined && { tool: input.action.tool }),
      tenant: job.tenant,
      environment: job.environment,
    },
    policy: { bundle_digest: decision.bundle_digest, engine: decision.engine, rule_ids: decision.rule_ids },
    ...(approval !== undefined && {
      approval: { id: approval.hold_id, approvers: approval.approved_by, shown_sha256: frame },
    }),
    payload_sha256: message.payload_sha256,
    ...(frame !== "" && { frame_sha256: frame }),
    is_modified: decision.outcome === "ALLOW_MOD",
    message_count: run?.count ?? 1,
    redactions: record.redactions ?? [],
    is_omitted: record.omitted !== undefined,
  };
}

const DECISION_OUTCOMES = {
  ALLOW: "released",
  ALLOW_MOD: "released",
  DENY: "refused",
  THROTTLE: "refused",
  REQUIRE_HUMAN: "held",
} as const;
