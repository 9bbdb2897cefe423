import type { Decision, Message } from "@cortexos/protocol";
import { refusalErrorText, type PublishRefusal } from "@cortexos/wire";
import { SdkError } from "../sdk-error.ts";
import type { ClientConnection, ClientProtocol } from "./client-shape.ts";

/** Errors as the guarded client makes them: with its own code, so that they are of its own classes. */
export interface ClientErrors {
  /** The permission error for a refused publish. */
  permission(message: Message, refusal: PublishRefusal, decision: Decision | undefined): Error;
  /** The status by which the client tells of it. */
  status(error: Error): unknown;
  /** Throws as the client does for a payload that it doesn't take, or that is too large. */
  throwForPayload(payload: unknown): never;
  throwForSize(): never;
  /** Throws as the client does for a subject that can't be written. */
  throwForSubject(subject: unknown): never;
  /** Whether an error tells of a refusal of this guard. */
  isOurs(error: unknown): boolean;
}

const DECISIONS = new WeakMap<object, Decision>();
const CAUSES_MAX = 4;

/** The decision behind an error of a guarded client or tool; `undefined` for any other error. */
export function decisionOf(error: unknown): Decision | undefined {
  let current = error;
  for (let i = 0; i < CAUSES_MAX && typeof current === "object" && current !== null; i++) {
    const decision = DECISIONS.get(current);
    if (decision !== undefined) return decision;
    current = "cause" in current ? current.cause : undefined;
  }
  return undefined;
}

/** Says which decision an error tells of. */
export function noteDecision<E extends Error>(error: E, decision: Decision): E {
  DECISIONS.set(error, decision);
  return error;
}

export function createClientErrors(connection: ClientConnection): ClientErrors {
  const { protocol } = connection;
  const publish = ownMethod(protocol, "publish");
  const check = ownMethod(connection, "_check");
  const parse = errorParser(protocol);
  const ours = new WeakSet<Error>();
  return {
    permission: (message, refusal, decision) => {
      const error = parse(refusalErrorText(message.subject, refusal));
      ours.add(error);
      return decision === undefined ? error : noteDecision(error, decision);
    },
    status: (error) => statusOf(error),
    throwForPayload: (payload) => {
      publishNowhere(publish, { max_payload: Number.MAX_SAFE_INTEGER }, payload);
      throw new SdkError("client.command", "the payload is neither text nor bytes");
    },
    throwForSize: () => {
      publishNowhere(publish, { max_payload: -1 }, new Uint8Array(0));
      throw new SdkError("client.command", "the message is larger than the server takes");
    },
    throwForSubject: (subject) => {
      // One line looks for blanks here, the other only for nothing at all.
      if (typeof subject === "string") check(IDLE, [subject, false, false]);
      check(IDLE, ["", false, false]);
      throw new SdkError("client.command", "the subject is not text");
    },
    isOurs: (error) => error instanceof Error && ours.has(error),
  };
}

/** A connection that is open and does nothing, for the client's own checks. */
const IDLE = {
  isClosed: () => false,
  isDraining: () => false,
  protocol: { noMorePublishing: false },
};

/** Runs the client's own `publish` where there is nothing to write to: it throws first, or its writing is left out. */
function publishNowhere(publish: OwnMethod, info: { readonly max_payload: number }, payload: unknown): void {
  publish({ info, outBytes: 0, outMsgs: 0, sendCommand: () => undefined }, ["-", payload]);
}

/** A method to be run on another object. */
type OwnMethod = (on: object, args: readonly unknown[]) => unknown;

function ownMethod(owner: object, name: string): OwnMethod {
  const method: unknown = Reflect.get(owner, name);
  return (on, args) => (typeof method === "function" ? Reflect.apply(method, on, args) : undefined);
}

/** Both lines make their errors from the server's text in one static function. */
function errorParser(protocol: ClientProtocol): (text: string) => Error {
  const owner: unknown = Reflect.get(protocol, "constructor");
  const toError: unknown = typeof owner === "function" ? Reflect.get(owner, "toError") : undefined;
  const parse = (text: string): unknown =>
    typeof toError === "function" ? Reflect.apply(toError, owner, [text]) : undefined;
  if (!(parse(PROBE) instanceof Error)) throw new SdkError("client.unknown", "the client makes no permission errors");
  return (text) => {
    const error = parse(text);
    return error instanceof Error ? error : new SdkError("client.unknown", text);
  };
}

const PROBE = 'Permissions Violation for Publish to "probe"';

/** nats 2.x tells the code and the place, its successor the error. */
function statusOf(error: Error): unknown {
  if (!("permissionContext" in error)) return { type: "error", error };
  const code = "code" in error ? error.code : undefined;
  return { type: "error", data: code, permissionContext: error.permissionContext };
}
