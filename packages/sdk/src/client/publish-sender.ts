import type { Decision, Message } from "@cortexos/protocol";
import type { PublishRefusal } from "@cortexos/wire";
import type { ClientErrors } from "./client-errors.ts";
import type { ClientProtocol } from "./client-shape.ts";
import { findPendingRequest } from "./pending-request.ts";
import type { Sender } from "./publish-gate.ts";
import { deliverRefusal } from "./refusal-delivery.ts";
import type { RequestTerms } from "./request-scope.ts";

/** What a client's own `publish` tells, in the client's own way. */
export interface PublishSender extends Sender {
  /**
   * To be called when `send` has returned; from then on nobody can be thrown at.
   *
   * @throws the client's permission error when the message was refused, the caller can be thrown at and nobody here waits for an answer to it.
   */
  throwIfRefused(): void;
}

interface SenderParts {
  readonly protocol: ClientProtocol;
  readonly errors: ClientErrors;
  readonly message: Message;
  readonly terms: RequestTerms | undefined;
  /** The caller can be thrown at. */
  readonly canThrow: boolean;
}

/**
 * A refusal ends the request that the message is for; else goes to who listens on its reply subject; else is thrown while the caller is still there. The
 * client's status tells it always, as it does for the server's own.
 */
export function publishSender({ protocol, errors, message, terms, canThrow }: SenderParts): PublishSender {
  const pending = findPendingRequest(protocol, message.reply);
  if (terms !== undefined && pending !== undefined) terms.pending = pending;
  let isCallerThere = canThrow;
  let isHeld = false;
  let thrown: Error | undefined;
  const tell = (error: Error, refusal: PublishRefusal): void => {
    protocol.dispatchStatus(errors.status(error));
    // After the client has finished making the request.
    if (pending !== undefined) queueMicrotask(() => pending.fail(error));
    else if (!deliverRefusal(protocol, message.reply, refusal) && isCallerThere) thrown = error;
  };
  return {
    refused: (refusal: PublishRefusal, decision: Decision) => {
      tell(errors.permission(message, refusal, decision), refusal);
    },
    held: () => {
      isHeld = true;
      if (terms?.clock === undefined) pending?.pauseTimer();
      else terms.clock.pause();
    },
    released: () => {
      if (!isHeld) return;
      if (terms?.clock === undefined) pending?.restartTimer(terms?.timeoutMs ?? HELD_TIMEOUT_MS_DEFAULT);
      else terms.clock.start();
    },
    isWithdrawn: () => terms?.signal?.aborted === true,
    throwIfRefused: () => {
      isCallerThere = false;
      if (thrown !== undefined) throw thrown;
    },
  };
}

/** Time for the answer to a request that was made beside the connection's own methods. */
const HELD_TIMEOUT_MS_DEFAULT = 5_000;
