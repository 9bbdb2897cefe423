import { BUDGET_LEVELS, REDIS_KEY_PREFIX, type BudgetLimit } from "@cortexos/stores";
import { z } from "zod";

/** Where throttles, budgets and held messages are kept. */
export type StoresConfig = MemoryStoresConfig | JetStreamStoresConfig | RedisStoresConfig;

/** In this process: not shared with others, lost at exit. */
export interface MemoryStoresConfig {
  readonly kind: "memory";
}

/** In key-value buckets of the upstream. */
export interface JetStreamStoresConfig {
  readonly kind: "jetstream";
  /** Begins the names of the buckets. */
  readonly bucketPrefix: string;
  /** Copies of a bucket that is made. */
  readonly replicas: number;
}

/** In a Redis. */
export interface RedisStoresConfig {
  readonly kind: "redis";
  /** `redis://host:port/db` or `rediss://` for TLS, without user and password. */
  readonly url: string;
  readonly username?: string;
  readonly passwordFile?: string;
  /** PEM of the authority of a `rediss://` server; the system's unless given. */
  readonly caFile?: string;
  readonly keyPrefix: string;
}

const text = z.string().min(1).max(256);
const path = z.string().min(1).max(4_096);
const word = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, "expected 1 to 32 letters, digits, _ or -");

/** How `stores` may be written. */
export const storesSchema: z.ZodType<StoresConfig> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("memory") }),
  z.strictObject({
    kind: z.literal("jetstream"),
    bucketPrefix: word.default("CORTEXOS"),
    replicas: z.int().min(1).max(5).default(1),
  }),
  z.strictObject({
    kind: z.literal("redis"),
    url: z.string().refine(isRedisUrl, {
      error: "expected `redis://host:port` or `rediss://host:port` without user or password (those go beside it)",
    }),
    username: text.exactOptional(),
    passwordFile: path.exactOptional(),
    caFile: path.exactOptional(),
    keyPrefix: word.default(REDIS_KEY_PREFIX),
  }),
]);

/** How `budgets` may be written. */
export const budgetsSchema: z.ZodType<readonly BudgetLimit[]> = z
  .array(
    z.strictObject({
      scope: text,
      limit: z.int().min(0),
      per: z.enum(BUDGET_LEVELS).default("tenant"),
      windowMs: z.int().min(1).exactOptional(),
      tenant: text.exactOptional(),
      principal: text.exactOptional(),
    }),
  )
  .max(1_024);

function isRedisUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hash, hostname, password, pathname, protocol, search, username } = new URL(url);
  const isBare = username === "" && password === "" && search === "" && hash === "";
  return isBare && ["redis:", "rediss:"].includes(protocol) && hostname !== "" && /^(?:\/\d{0,4})?$/.test(pathname);
}
