import type { Decision } from "@cortexos/protocol";
import type { PublishRefusal } from "@cortexos/wire";
import { assertClient, type PublishArguments } from "./client/client-shape.ts";
import { installGuard, type ConnectionGuard } from "./client/install-guard.ts";
import type { GuardOptions } from "./guard-options.ts";
import { coreOf, openGuard, shareCore, type Guard, type GuardHandle } from "./open-guard.ts";
import { withPristine } from "./pristine.ts";
import { SdkError } from "./sdk-error.ts";

/** How a message is submitted. */
export interface SubmitOptions extends PublishArguments {
  readonly reply?: string;
  /** Headers of the connection's own client. */
  readonly headers?: object;
  /** Ends the wait; what is still held then is never sent. */
  readonly signal?: AbortSignal;
}

/** What a guarded connection can do beside its client's own methods. */
export interface GuardedHandle extends GuardHandle {
  /**
   * Publishes, and says what became of it: resolves when the message was sent, after an approval if it needed one; rejects with the client's own
   * permission error when it was refused.
   */
  submit(subject: string, payload?: Uint8Array | string, options?: SubmitOptions): Promise<Decision>;
}

/** A connection of its own type, guarded. Its `request` takes an `AbortSignal` too. */
export type Guarded<T> = T & GuardedHandle & SignalledRequest<T>;

/** `request` with a signal, which ends the wait and keeps a held message from being sent. */
export type SignalledRequest<T> = T extends {
  request(subject: string, payload?: infer Payload, options?: infer Options): infer Answer;
}
  ? {
      request(
        subject: string,
        payload: Payload | undefined,
        options: Options & { readonly signal: AbortSignal },
      ): Answer;
    }
  : unknown;

/**
 * Guards a connection of `nats` 2.x or `@nats-io/transport-node` 3.x: from now on everything that it sends, by whatever way, is decided first. The same
 * object comes back, so that nobody keeps an unguarded one.
 *
 * @param connection - open; not guarded yet.
 * @param guardedBy - options, or a guard that several connections and tools share. A guard of its own is closed with the connection.
 * @throws SdkError `client.unknown`, `client.guarded`.
 */
export function guard<T extends object>(connection: T, guardedBy: GuardOptions | Guard): Guarded<T> {
  assertClient(connection);
  if (coreOf(connection) !== undefined) throw new SdkError("client.guarded", "the connection is guarded already");
  const shared = isGuard(guardedBy) ? guardedBy : undefined;
  const own = isGuard(guardedBy) ? undefined : openGuard(guardedBy);
  const handle = own ?? shared;
  const core = handle === undefined ? undefined : coreOf(handle);
  if (handle === undefined || core === undefined) throw new SdkError("guard.closed", "this is no guard");
  const installed = installGuard(connection, { core, onClosed: async () => own?.close() });
  const methods: GuardedHandle = {
    ready: async () => handle.ready(),
    decisions: () => handle.decisions(),
    on: (event, listener) => handle.on(event, listener),
    explain: (decisionId) => handle.explain(decisionId),
    session: (facts) => handle.session(facts),
    reload: async () => handle.reload(),
    approvals: handle.approvals,
    submit: async (subject, payload, options) => submit(installed, { subject, payload, options }),
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(connection, name, { value, writable: false, configurable: false, enumerable: false });
  }
  shareCore(connection, core);
  if (!isGuarded(connection)) throw new SdkError("client.unknown", "the connection takes no new methods");
  return connection;
}

function isGuard(value: GuardOptions | Guard): value is Guard {
  return coreOf(value) !== undefined;
}

function isGuarded<T extends object>(connection: T): connection is Guarded<T> {
  return "submit" in connection && coreOf(connection) !== undefined;
}

interface Submission {
  readonly subject: string;
  readonly payload: Uint8Array | string | undefined;
  readonly options: SubmitOptions | undefined;
}

async function submit({ gate, errors, read }: ConnectionGuard, submission: Submission): Promise<Decision> {
  const { subject, payload, options } = submission;
  const signal = options?.signal;
  signal?.throwIfAborted();
  const message = withPristine(() => read(subject, payload, options));
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal?.reason);
    };
    const over = (): void => {
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    const sender = {
      released: (decision: Decision) => {
        over();
        resolve(decision);
      },
      refused: (refusal: PublishRefusal, decision: Decision) => {
        over();
        reject(errors.permission(message, refusal, decision));
      },
      isWithdrawn: () => signal?.aborted === true,
    };
    withPristine(() => {
      gate.send(message, sender);
    });
  });
}
