import type { ClientProtocol, ClientRequest, ClientSubscription } from "./client-shape.ts";

/** A request of the client that waits for its answer. */
export interface PendingRequest {
  /** Ends it as the client would for an error of the server. */
  fail(error: Error): void;
  /** Stops its clock: what is held has not been sent. */
  pauseTimer(): void;
  /** Starts its clock anew. */
  restartTimer(timeoutMs: number): void;
  /** Ends it without an error: nothing more is waited for. */
  end(): void;
}

/** The request whose answer is awaited on a reply subject; `undefined` when nobody waits there. */
export function findPendingRequest(protocol: ClientProtocol, reply: string): PendingRequest | undefined {
  if (reply === "") return undefined;
  const { baseInbox, reqs } = protocol.muxSubscriptions;
  if (baseInbox !== undefined && reply.startsWith(baseInbox)) {
    const request = reqs.get(reply.slice(baseInbox.length));
    return request === undefined ? undefined : sharedRequest(protocol, request);
  }
  for (const subscription of protocol.subscriptions.subs.values()) {
    if (subscription.subject === reply && subscription.requestSubject !== undefined) {
      return ownRequest(protocol, subscription);
    }
  }
  return undefined;
}

/** A request by the inbox that all of them share. */
function sharedRequest({ muxSubscriptions }: ClientProtocol, request: ClientRequest): PendingRequest {
  return {
    fail: (error) => {
      request.resolver(error, {});
    },
    end: () => {
      request.cancel();
    },
    pauseTimer: () => {
      cancelTimer(request.timer);
    },
    restartTimer: (timeoutMs) => {
      // Of several answers: its end is silent.
      if (!("deferred" in request)) {
        request.timer = setTimeout(() => {
          request.cancel();
        }, timeoutMs);
        return;
      }
      // The client's own timer with the client's own error comes with a request that is never sent.
      const timer: unknown = construct(request, [
        muxSubscriptions,
        request.requestSubject,
        { timeout: timeoutMs },
      ]).timer;
      request.timer = timer;
      if (timer instanceof Promise) {
        timer.catch((error: unknown) => {
          request.cancel(error instanceof Error ? error : undefined);
        });
      }
    },
  };
}

/** A request with a subscription of its own. */
function ownRequest(protocol: ClientProtocol, subscription: ClientSubscription): PendingRequest {
  return {
    fail: (error) => {
      subscription.callback(error, {});
      subscription.close(error);
      protocol.subscriptions.subs.delete(subscription.sid);
    },
    end: () => {
      // Closed meanwhile: it has ended.
      subscription.drain().catch(() => undefined);
    },
    pauseTimer: () => {
      subscription.cancelTimeout();
    },
    restartTimer: (timeoutMs) => {
      const callback = (error: Error | null): void => {
        if (error !== null && protocol.subscriptions.subs.has(subscription.sid)) subscription.callback(error, {});
      };
      const timer = construct(subscription, [protocol, subscription.subject, { timeout: timeoutMs, callback }]);
      subscription.cancelTimeout = () => {
        timer.cancelTimeout();
      };
    },
  };
}

/** Another object of the same class. */
function construct<T extends object>(sample: T, args: readonly unknown[]): T {
  const { constructor } = sample;
  const made: unknown = Reflect.construct(constructor, args);
  if (isSameClass(made, sample)) return made;
  throw new TypeError("a class made something else");
}

function isSameClass<T extends object>(made: unknown, sample: T): made is T {
  return typeof made === "object" && made !== null && made.constructor === sample.constructor;
}

function cancelTimer(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "cancel" in timer && typeof timer.cancel === "function") {
    timer.cancel();
  } else if (timer instanceof Object && typeof Reflect.get(timer, "unref") === "function") {
    clearTimeout(Number(timer));
  }
}
