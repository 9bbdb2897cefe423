import { Redis, type RedisOptions } from "ioredis";
import { redisFaults } from "./redis-faults.ts";
import type { RedisScript } from "./redis-script.ts";
import { reasonText, StoresError } from "./stores-error.ts";

/** Longest wait for an answer of Redis; then the connection is made anew. */
export const REDIS_MS_MAX = 1_000;

/** How often the server's settings are looked at again. */
export const REDIS_CHECK_MS = 10_000;

/** Where keys of ours begin in a Redis unless told otherwise. */
export const REDIS_KEY_PREFIX = "cortexos";

/** The Redis of a store, and where its keys begin. */
export interface RedisStoreOptions {
  readonly redis: RedisLink;
  /** {@link REDIS_KEY_PREFIX} unless given. */
  readonly keyPrefix?: string;
}

const RECONNECT_MS_MAX = 1_000;

/** Which Redis, and who we are there. */
export interface RedisLinkOptions {
  /** `redis://host:port/db`, or `rediss://` for TLS; without password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority whose certificate a `rediss://` server shows; the system's unless given. */
  readonly ca?: string;
  /** {@link REDIS_MS_MAX} unless given. */
  readonly timeoutMs?: number;
  /** {@link REDIS_CHECK_MS} unless given. */
  readonly checkMs?: number;
  /** Told of every change of {@link RedisLink.state}. Must not throw. */
  readonly onState?: (state: RedisState) => void;
}

/** Whether Redis can be used, and what it is or why not. */
export interface RedisState {
  readonly ok: boolean;
  readonly detail: string;
}

/** A connection to Redis that is kept up. Nothing is queued or sent again while it is away: calls are refused at once. */
export interface RedisLink {
  /**
   * Runs a script once.
   *
   * @throws StoresError `store.away`, `store.refused`, `store.unsafe`.
   */
  run(script: RedisScript, keys: readonly string[], args: readonly (number | string)[]): Promise<readonly unknown[]>;
  state(): RedisState;
  /** Resolves when the server has been found fit; rejects with `store.unsafe` when it is there and isn't. */
  readonly first: Promise<void>;
  close(): Promise<void>;
}

/** Begins to connect and returns at once. A server that could drop state is refused, now and whenever it becomes one. */
export function openRedisLink(options: RedisLinkOptions): RedisLink {
  const redis = new Redis(options.url, clientOptions(options));
  const checks = watchServer(redis, options);
  return {
    first: checks.first,
    state: checks.state,
    async run(script, keys, args) {
      const { ok, detail, code } = checks.state();
      if (!ok) throw new StoresError(code, detail);
      try {
        const answer: unknown = await callScript(redis, script, { keyCount: keys.length, rest: [...keys, ...args] });
        return Array.isArray(answer) ? answer : [answer];
      } catch (cause) {
        if (isTimeout(cause)) redis.disconnect(true);
        throw new StoresError(failureCode(cause), `Redis: ${reasonText(cause)}`, { cause });
      }
    },
    async close() {
      checks.stop();
      await redis.quit().catch(() => undefined);
      redis.disconnect();
    },
  };
}

function clientOptions({ username, password, ca, timeoutMs = REDIS_MS_MAX }: RedisLinkOptions): ClientOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { tls: { ca } }),
    protocol: 2,
    connectionName: "cortexos",
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // An answer that was lost is a refusal; whoever asks again does so under the same id.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 6), RECONNECT_MS_MAX),
  };
}

type ClientOptions = Omit<RedisOptions, "replyMapping">;

/** By its hash; once by its text where the server doesn't know it. */
async function callScript(redis: Redis, { sha1, source }: RedisScript, call: ScriptCall): Promise<unknown> {
  const { keyCount, rest } = call;
  try {
    return await redis.evalsha(sha1, keyCount, ...rest);
  } catch (reason) {
    if (!(reason instanceof Error && reason.message.startsWith("NOSCRIPT"))) throw reason;
    return redis.eval(source, keyCount, ...rest);
  }
}

interface ScriptCall {
  readonly keyCount: number;
  /** Keys, then arguments. */
  readonly rest: readonly (number | string)[];
}

interface Checks {
  readonly first: Promise<void>;
  readonly state: () => CheckedState;
  readonly stop: () => void;
}

interface CheckedState extends RedisState {
  readonly code: "store.away" | "store.unsafe";
}

function watchServer(redis: Redis, { checkMs = REDIS_CHECK_MS, onState, url }: RedisLinkOptions): Checks {
  let state: CheckedState = { ok: false, detail: "Redis: connecting", code: "store.away" };
  const settled = createSettled();
  const set = (next: CheckedState): void => {
    const isNew = next.detail !== state.detail;
    state = next;
    if (isNew) onState?.({ ok: next.ok, detail: next.detail });
  };
  const check = async (): Promise<void> => {
    if (redis.status !== "ready") return;
    try {
      const { faults, detail } = redisFaults(await redis.info());
      const unsafe = new StoresError("store.unsafe", `Redis could drop state: ${faults.join("; ")}`);
      if (faults.length === 0) set({ ok: true, detail: `${new URL(url).host}, ${detail}`, code: "store.away" });
      else set({ ok: false, detail: unsafe.message, code: "store.unsafe" });
      settled.settle(faults.length === 0 ? undefined : unsafe);
    } catch (reason) {
      set({ ok: false, detail: `Redis: ${reasonText(reason)}`, code: "store.away" });
      if (isTimeout(reason)) redis.disconnect(true);
    }
  };
  const timer = setInterval(() => void check(), checkMs);
  timer.unref();
  redis.on("ready", () => void check());
  redis.on("close", () => set({ ok: false, detail: "Redis: the connection is lost", code: "store.away" }));
  redis.on("error", (reason: Error) => set({ ok: false, detail: `Redis: ${reasonText(reason)}`, code: "store.away" }));
  return { first: settled.promise, state: () => state, stop: () => clearInterval(timer) };
}

function createSettled(): { readonly promise: Promise<void>; readonly settle: (failure?: Error) => void } {
  let settle: (failure?: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  // Whoever waits for it sees the rejection; nobody has to wait.
  promise.catch(() => undefined);
  return { promise, settle };
}

function failureCode(reason: unknown): "store.away" | "store.refused" {
  return reason instanceof Error && reason.name === "ReplyError" ? "store.refused" : "store.away";
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.message === "Command timed out";
}
