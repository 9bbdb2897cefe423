import { Buffer } from "node:buffer";
import type { GateResult } from "@cortexos/kernel";
import {
  canonicalJson,
  decodeJson,
  type Decision,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@cortexos/protocol";
import { noteDecision } from "../client/client-errors.ts";
import { coreOf, type GuardHandle } from "../open-guard.ts";
import { withPristine } from "../pristine.ts";
import { SdkError } from "../sdk-error.ts";

/** A call of a tool, to be decided on its arguments. */
export interface ToolCall {
  readonly name: string;
  /** Copied before it is decided; JSON, or an `SdkError` says so. */
  readonly args: unknown;
  /** Ends the wait for an approval; the tool is never called then. */
  readonly signal?: AbortSignal | undefined;
}

/** What a call may be made with. */
export interface PermittedCall {
  /** Arguments as decided: rewritten where a rule said so. */
  readonly args: JsonObject;
  readonly decision: Decision;
}

/**
 * Decides a call as the message that asks for it: `{ tool, args }` on `agent.<principal>.tool.<name>`.
 *
 * @throws SdkError `tool.denied`, `tool.throttled`, `tool.changed`, `tool.arguments`; the signal's reason.
 */
export async function permitToolCall(guard: GuardHandle, call: ToolCall): Promise<PermittedCall> {
  const core = coreOf(guard);
  if (core === undefined) throw new SdkError("guard.closed", "this is no guard");
  call.signal?.throwIfAborted();
  const submitted = withPristine(() => {
    const caller = core.sessions.current().caller();
    return core.gate.submit(toMessage(caller.principal.id, call), caller);
  });
  const result = await settled(await submitted, call.signal);
  return permitted(result, call);
}

/** The subject of a tool's calls. What can't be in a token is an underscore. */
export function toolSubject(principalId: string, name: string): string {
  return `agent.${asToken(principalId)}.tool.${asToken(name)}`;
}

function asToken(text: string): string {
  return text.replaceAll(/[^!-~]|[.*>]/g, "_") || "_";
}

function toMessage(principalId: string, { name, args }: ToolCall): Message {
  const payload = Buffer.from(canonicalJson({ tool: name, args: copyArguments(name, args) }), "utf8");
  return { subject: toolSubject(principalId, name), reply: "", headers: [], payload };
}

/** A plain copy: no getter, no prototype, nothing that the caller can still change. */
function copyArguments(name: string, args: unknown): JsonObject {
  let text: string | undefined;
  try {
    text = JSON.stringify(args ?? {});
  } catch (cause) {
    throw new SdkError("tool.arguments", `the arguments of ${name} are no JSON`, { cause });
  }
  const decoded = decodeJson(Buffer.from(text ?? "", "utf8"));
  if (decoded.ok && isObject(decoded.value)) return decoded.value;
  const reason = decoded.ok ? "they are no object" : decoded.reason;
  throw new SdkError("tool.arguments", `the arguments of ${name} can't be decided: ${reason}`);
}

/** A held call's end; who no longer waits gets the signal's reason, and what is approved later is never made. */
async function settled(result: GateResult, signal: AbortSignal | undefined): Promise<GateResult> {
  if (result.kind !== "hold") return result;
  if (signal === undefined) return settled(await result.settled, signal);
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = (): void => {
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    // A signal tells those who listen when it aborts, and nobody afterwards.
    if (signal.aborted) stop();
  });
  const ended = result.settled.then((end) => {
    if (signal.aborted && end.kind === "release") end.done("failed");
    return end;
  });
  try {
    return await settled(await Promise.race([ended, aborted]), signal);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function permitted(result: GateResult, call: ToolCall): PermittedCall {
  const { decision } = result;
  if (result.kind !== "release") throw refusalOf(call.name, decision);
  const decoded = decodeJson(result.message.payload);
  const changed = decoded.ok && isObject(decoded.value) ? decoded.value : undefined;
  const args = changed?.["args"];
  if (changed?.["tool"] !== call.name || !isObject(args)) {
    result.done("failed");
    const error = new SdkError("tool.changed", `a rule changed more than the arguments of ${call.name}`);
    throw noteDecision(error, decision);
  }
  result.done("released");
  return { args, decision };
}

/** Written for a model to read: what happened, why, and what to do. */
function refusalOf(name: string, decision: Decision): SdkError {
  const { decision_id: id, outcome, reason, rule_ids: rules, throttle } = decision;
  const because = `${reason} (rules: ${rules.join(", ")}; decision ${id})`;
  if (outcome === "THROTTLE") {
    const waitMs = throttle?.retry_after_ms ?? 0;
    const message = `too many calls of ${name}: ${because}. Call it again after ${waitMs} ms`;
    return noteDecision(new SdkError("tool.throttled", message), decision);
  }
  const message = `the policy doesn't allow this call of ${name}: ${because}. Don't repeat it unchanged`;
  return noteDecision(new SdkError("tool.denied", message), decision);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
