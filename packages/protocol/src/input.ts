import type { JsonObject, JsonValue } from "./json-value.ts";
import type { MessageEffect } from "./message.ts";
import type { Principal } from "./principal.ts";

/** How the payload was read. `binary` and `empty` payloads have `payload: null`. */
export type PayloadFormat = "empty" | "json" | "protobuf" | "binary";

/** Through which way in a message reached the gate. */
export type InputSource = "sdk" | "sidecar" | "ext_authz" | "gateway";

/** Estimated cost of a job; integers. */
export interface CostEstimateInput {
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly usd_micros: number;
  readonly wall_ms: number;
}

/** State of one budget scope; integers in the unit's micro-units. */
export interface BudgetStateInput {
  readonly limit: number;
  readonly committed: number;
  readonly reserved: number;
  readonly remaining: number;
}

/**
 * The document a policy reads, version 1 (design §4). Facts and claims never mix: everything outside `message`, `action` and
 * `cost_estimate` comes from configuration and credentials. The JSON Schema is `policies/schemas/input.json`.
 */
export interface Input {
  readonly principal: Principal;
  readonly job_meta: {
    readonly job_id: string;
    readonly topic: string;
    readonly tenant: string;
    readonly environment: string;
    readonly priority: number;
    readonly sla_ms: number;
    readonly risk_tags: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly message: {
    readonly subject: string;
    readonly tokens: readonly string[];
    /** Reply subject; the empty string for none. */
    readonly reply: string;
    /** Values by lower-case header name, in order of appearance. */
    readonly headers: Readonly<Record<string, readonly string[]>>;
    readonly size_bytes: number;
    readonly format: PayloadFormat;
    readonly payload: JsonValue;
    /** Lower-case hex SHA-256 of the payload bytes. */
    readonly payload_sha256: string;
    readonly effects: readonly MessageEffect[];
  };
  /** Present when the message is a tool call: its payload is an object `{tool: string, args: object}`. */
  readonly action?: { readonly tool: string; readonly args: JsonObject };
  readonly cost_estimate: CostEstimateInput;
  readonly budget_state: Readonly<Record<string, BudgetStateInput>>;
  readonly context: {
    readonly session: { readonly id: string; readonly prompt?: string; readonly declared: JsonObject };
    readonly labels: readonly string[];
    readonly hop_count: number;
    readonly source: InputSource;
  };
  /** Nanoseconds since 1970 as a decimal string; policies never call a clock. */
  readonly now_ns: string;
}
