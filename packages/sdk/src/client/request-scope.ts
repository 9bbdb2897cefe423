import type { ClientConnection } from "./client-shape.ts";
import type { PendingRequest } from "./pending-request.ts";

/** What a caller asked of a request, as far as the guard has a part in it. */
export interface RequestTerms {
  /** The client's own timeout, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the wait, and keeps a held message from being sent. */
  readonly signal: AbortSignal | undefined;
  /** Set once its message was handed over. */
  pending?: PendingRequest;
  /** In place of a clock of the client's that can't be reached. */
  readonly clock?: RequestClock;
}

/** When a request ends that is told nothing more. */
export interface RequestClock {
  start(): void;
  /** The message is held: it has not been sent. */
  pause(): void;
}

/** Knows, while a client sends something, which method of the connection was called for it. */
export interface RequestScope {
  /** The terms of the request that is being made; nobody's any more. */
  take(): RequestTerms | undefined;
  /**
   * Whether the connection's `publish` runs: then a refusal is thrown. Answers and acknowledgements tell it by the client's status alone, as the server's own
   * refusals are told: a handler that doesn't expect an error must not end for one.
   */
  isPublishing(): boolean;
  /** In place of the connection's own. */
  readonly methods: Pick<ClientConnection, "publish" | "request" | "requestMany">;
}

/** The default of both lines. */
const TIMEOUT_MS_DEFAULT = 1_000;

export function createRequestScope(connection: ClientConnection): RequestScope {
  let current: RequestTerms | undefined;
  let isPublishing = false;
  const publish = connection.publish.bind(connection);
  const request = connection.request.bind(connection);
  const requestMany = connection.requestMany.bind(connection);
  const within = async (terms: RequestTerms, make: () => Promise<unknown>): Promise<unknown> => {
    const { signal } = terms;
    if (signal?.aborted === true) throw asError(signal.reason);
    current = terms;
    let answer: Promise<unknown>;
    try {
      answer = make();
    } finally {
      current = undefined;
    }
    if (signal === undefined) return answer;
    const abort = (): void => {
      terms.pending?.fail(asError(signal.reason));
    };
    signal.addEventListener("abort", abort);
    return answer.finally(() => {
      signal.removeEventListener("abort", abort);
    });
  };
  return {
    take: () => {
      const taken = current;
      current = undefined;
      return taken;
    },
    isPublishing: () => isPublishing,
    methods: {
      publish: (subject, payload, options) => {
        isPublishing = true;
        try {
          publish(subject, payload, options);
        } finally {
          isPublishing = false;
        }
      },
      request: async (subject, payload, options) =>
        within(readTerms(options, "timeout"), async () => request(subject, payload, copied(options))),
      requestMany: async (subject, payload, options) => {
        const terms = readTerms(options, "maxWait");
        if (options === undefined || Reflect.get(options, "noMux") !== true) {
          return within(terms, async () => requestMany(subject, payload, copied(options)));
        }
        const clocked: RequestTerms = { ...terms, clock: createClock(() => clocked.pending, terms.timeoutMs) };
        const answers = within(clocked, async () =>
          requestMany(subject, payload, { ...options, maxWait: CLIENT_WAIT_MS_MAX }),
        );
        clocked.clock?.start();
        return answers;
      },
    },
  };
}

/** A client's own clock for many answers on a subscription of their own is hidden in it: it is set to what timers take at most. */
const CLIENT_WAIT_MS_MAX = 2_147_483_647;

function createClock(pending: () => PendingRequest | undefined, timeoutMs: number): RequestClock {
  let timer: NodeJS.Timeout | undefined;
  let isPaused = false;
  return {
    start: () => {
      if (isPaused) {
        isPaused = false;
        return;
      }
      timer = setTimeout(() => pending()?.end(), timeoutMs);
    },
    pause: () => {
      isPaused = timer === undefined;
      clearTimeout(timer);
    },
  };
}

function readTerms(options: object | undefined, timeout: "timeout" | "maxWait"): RequestTerms {
  const timeoutMs: unknown = options === undefined ? undefined : Reflect.get(options, timeout);
  const signal: unknown = options === undefined ? undefined : Reflect.get(options, "signal");
  return {
    timeoutMs: typeof timeoutMs === "number" && timeoutMs > 0 ? timeoutMs : TIMEOUT_MS_DEFAULT,
    signal: signal instanceof AbortSignal ? signal : undefined,
  };
}

/** The clients write their defaults into the options they are given. */
function copied(options: object | undefined): object | undefined {
  return options === undefined ? undefined : { ...options };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
