import type { AuditRecord, Input, JsonValue } from "@cortexos/protocol";

/** What a value must be: a kind of scalar, a list, a map, alternatives, or an object with members (`?` marks optional ones). */
type Shape = "text" | "integer" | "any" | "fields" | { readonly list: Shape } | { readonly map: Shape } | Members;
interface Members {
  readonly members: Readonly<Record<string, Shape>>;
}

const PRINCIPAL: Shape = {
  members: {
    id: "text",
    kind: "text",
    roles: { list: "text" },
    tenant: "text",
    "on_behalf_of?": "text",
    authenticated_by: "text",
  },
};

const INPUT: Shape = {
  members: {
    principal: PRINCIPAL,
    job_meta: {
      members: {
        job_id: "text",
        topic: "text",
        tenant: "text",
        environment: "text",
        priority: "integer",
        sla_ms: "integer",
        risk_tags: { list: "text" },
        labels: { map: "text" },
      },
    },
    message: {
      members: {
        subject: "text",
        tokens: { list: "text" },
        reply: "text",
        headers: { map: { list: "text" } },
        size_bytes: "integer",
        format: "text",
        payload: "any",
        payload_sha256: "text",
        effects: { list: { members: { kind: "text", subject: "text" } } },
      },
    },
    "action?": { members: { tool: "text", args: "fields" } },
    cost_estimate: {
      members: { tokens_in: "integer", tokens_out: "integer", usd_micros: "integer", wall_ms: "integer" },
    },
    budget_state: {
      map: { members: { limit: "integer", committed: "integer", reserved: "integer", remaining: "integer" } },
    },
    context: {
      members: {
        session: { members: { id: "text", "prompt?": "text", declared: "fields" } },
        labels: { list: "text" },
        hop_count: "integer",
        source: "text",
      },
    },
    now_ns: "text",
  },
};

const RECORD: Shape = {
  members: {
    decision: {
      members: {
        decision_id: "text",
        outcome: "text",
        rule_ids: { list: "text" },
        reason: "text",
        bundle_digest: "text",
        input_digest: "text",
        engine: "text",
        evaluated_at: "text",
      },
    },
    input: INPUT,
    answers: {
      members: {
        throttles: { list: { members: { key: "text", retry_after_ms: "integer", remaining: "integer" } } },
        budgets: { list: { members: { scope: "text", amount: "integer" } } },
      },
    },
    "approval?": { members: { hold_id: "text", approved_by: { list: "text" } } },
    record_id: "text",
    at_ns: "text",
    origin: { members: { writer: "text", connection: "text" } },
    frame_sha256: "text",
    durability: "text",
  },
};

/** Where and how a value isn't an input, for people; `undefined` when it is one. */
export function inputFault(value: JsonValue): string | undefined {
  return fault(value, INPUT, "") ?? nowFault(value);
}

/** Whether a value is an input. */
export function isInput(value: JsonValue): value is JsonValue & Input {
  return inputFault(value) === undefined;
}

/** Where and how a value isn't an audit record. Only decision records are looked into: no other is computed again. */
export function recordFault(value: JsonValue): string | undefined {
  if (!isFields(value) || value["schema"] !== "cortexos.record/1") return "schema: must be `cortexos.record/1`";
  if (typeof value["type"] !== "string") return "type: must be a text";
  return value["type"] === "decision" ? fault(value, RECORD, "") : undefined;
}

/** Whether a value is an audit record. */
export function isRecord(value: JsonValue): value is JsonValue & AuditRecord {
  return recordFault(value) === undefined;
}

function nowFault(value: JsonValue): string | undefined {
  const now = isFields(value) ? value["now_ns"] : undefined;
  return typeof now === "string" && /^\d{1,19}$/.test(now)
    ? undefined
    : "now_ns: must be nanoseconds since 1970 in a text";
}

function fault(value: JsonValue | undefined, shape: Shape, at: string): string | undefined {
  if (shape === "any") return value === undefined ? wrong(at, "there") : undefined;
  if (shape === "text") return typeof value === "string" ? undefined : wrong(at, "a text");
  if (shape === "integer") return Number.isSafeInteger(value) ? undefined : wrong(at, "a whole number");
  if (shape === "fields") return isFields(value) ? undefined : wrong(at, "an object");
  if ("list" in shape) {
    if (!isList(value)) return wrong(at, "a list");
    return firstFault(value.map((item, i) => [`${at}[${i}]`, item, shape.list] as const));
  }
  if (!isFields(value)) return wrong(at, "an object");
  if ("map" in shape)
    return firstFault(Object.entries(value).map(([key, item]) => [join(at, key), item, shape.map] as const));
  return memberFault(value, shape, at);
}

function memberFault(value: Readonly<Record<string, JsonValue>>, { members }: Members, at: string): string | undefined {
  const known = new Map(
    Object.entries(members).map(([name, shape]) => [name.replace("?", ""), { shape, optional: name.endsWith("?") }]),
  );
  return firstFault(
    [...known].flatMap(([name, { shape, optional }]) => {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      return optional && member === undefined ? [] : [[join(at, name), member, shape] as const];
    }),
  );
}

function firstFault(parts: readonly (readonly [string, JsonValue | undefined, Shape])[]): string | undefined {
  for (const [at, value, shape] of parts) {
    const found = fault(value, shape, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function wrong(at: string, wanted: string): string {
  return `${at === "" ? "the file" : at}: must be ${wanted}`;
}

function join(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

function isFields(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
