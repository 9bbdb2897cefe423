import type { ClientFrame } from "./client-frame.ts";
import type { Downstream } from "./downstream.ts";
import type { OrderedQueue } from "./ordered-queue.ts";
import { PING_BYTES, serialiseSubscribe, serialiseUnsubscribe } from "./serialise.ts";
import type { ProxyHost } from "./session-types.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { UpstreamRun } from "./upstream-run.ts";

export interface OrderedOperationsParts {
  readonly queue: OrderedQueue;
  readonly run: UpstreamRun;
  readonly downstream: Downstream;
  readonly subscriptions: Subscriptions;
  readonly host: Pick<ProxyHost, "operated" | "writeUpstream">;
  /** One subscription too many. */
  tooManySubscriptions(): void;
}

/** @returns what carries out a PING, SUB or UNSUB in its turn: behind the publishes that wait before it. */
export function createOrderedOperations(parts: OrderedOperationsParts): (frame: ClientFrame) => void {
  const { host, queue, run, downstream, subscriptions } = parts;
  return ({ operation, args, start, end }) => {
    const act = (): void => {
      run.flush();
      host.operated?.();
      if (operation === "PING") ping();
      else if (operation === "SUB") subscribe(args);
      else unsubscribe(args);
    };
    if (queue.isEmpty) act();
    else queue.push({ bytes: end - start, isReady: true, act });
  };

  function ping(): void {
    host.writeUpstream(PING_BYTES);
    downstream.clientPinged();
  }

  function unsubscribe([sid = "", max = "0"]: readonly string[]): void {
    host.writeUpstream(serialiseUnsubscribe(sid, subscriptions.close(sid, Number(max))));
  }

  function subscribe(args: readonly string[]): void {
    if (subscriptions.open(args)) host.writeUpstream(serialiseSubscribe(args));
    else parts.tooManySubscriptions();
  }
}
