import { isGcraLimit, type ThrottleAnswer, type ThrottleRequest, type ThrottleStore } from "@cortexos/kernel";
import { keyPart } from "./key-part.ts";
import { LUA_CLOCK, redisScript } from "./redis-script.ts";
import { StoresError } from "./stores-error.ts";
import { REDIS_KEY_PREFIX, type RedisStoreOptions } from "./redis-link.ts";
import { BUCKET_REFUSAL, THROTTLE_KEY_CHARS_MAX } from "./throttle-bounds.ts";

/**
 * Rate limits of many processes, by GCRA in one atomic step on Redis's own clock. A bucket belongs to its key *and* its numbers, as in
 * memory, and is forgotten once it has drained.
 */
export function createRedisThrottleStore(options: RedisStoreOptions): ThrottleStore {
  return redisThrottles(options, () => "");
}

/** The same, on a clock in microseconds that a test gives; the empty text is Redis's own. */
export function redisThrottles(
  { redis, keyPrefix = REDIS_KEY_PREFIX }: RedisStoreOptions,
  nowUs: () => number | "",
): ThrottleStore {
  return {
    async take(requests) {
      const usable = requests.filter(isUsable);
      if (usable.length === 0) return requests.map(() => BUCKET_REFUSAL);
      const keys = usable.map((request) => bucketKey(keyPrefix, request));
      const limits = usable.flatMap(({ rate, burst, windowMs }) => [rate, burst, windowMs]);
      const mayTake = usable.length === requests.length ? 1 : 0;
      const answers = readAnswers(await redis.run(TAKE, keys, [nowUs(), mayTake, ...limits]), usable.length);
      let next = 0;
      return requests.map((request) => (isUsable(request) ? answers[next++] : undefined) ?? BUCKET_REFUSAL);
    },
  };
}

/** The tenant, which the kernel puts first, names the slot; the numbers stand last. */
function bucketKey(prefix: string, { key, rate, burst, windowMs }: ThrottleRequest): string {
  const [tenant = ""] = key.split("/", 1);
  return `${prefix}:{t.${keyPart(tenant)}}:throttle:${keyPart(key)}:${rate}:${burst}:${windowMs}`;
}

function isUsable(request: ThrottleRequest): boolean {
  return request.key.length <= THROTTLE_KEY_CHARS_MAX && isGcraLimit(request);
}

function readAnswers(flat: readonly unknown[], count: number): readonly ThrottleAnswer[] {
  if (flat.length !== count * 3) throw new StoresError("store.refused", "Redis: a throttle's answer makes no sense");
  return Array.from({ length: count }, (_, i) => ({
    admitted: flat[i * 3] === 1,
    retryAfterMs: Number(flat[i * 3 + 1]),
    remaining: Number(flat[i * 3 + 2]),
  }));
}

/** `gcraStep` of the kernel, number for number. A bucket is `<atUs> <debt>`. ARGV: time, whether to take, then rate, burst, window of each key. */
const TAKE = redisScript(
  LUA_CLOCK,
  `
local now, all, taken, out = nowUs, ARGV[2] == '1', {}, {}
for i, key in ipairs(KEYS) do
  local rate, burst, cost = tonumber(ARGV[i * 3]), tonumber(ARGV[i * 3 + 1]), tonumber(ARGV[i * 3 + 2]) * 1000
  local at, debt = now, 0
  local known = taken[key]
  if not known then
    local text = redis.call('GET', key)
    if text then
      local knownAt, knownDebt = string.match(text, '^(%d+) (%d+)$')
      known = { at = tonumber(knownAt), debt = tonumber(knownDebt) }
    end
  end
  if known then
    at = math.max(known.at, now)
    local elapsed = at - known.at
    if elapsed < known.debt / rate then debt = known.debt - elapsed * rate end
  end
  local excess, retry = debt + cost - burst * cost, 0
  if excess <= 0 then
    debt = debt + cost
    taken[key] = { at = at, debt = debt, rate = rate }
  else
    retry = math.ceil((math.ceil(excess / rate) + at - now) / 1000)
    all = false
  end
  out[i * 3 - 2] = excess <= 0 and 1 or 0
  out[i * 3 - 1] = retry
  out[i * 3] = math.floor((burst * cost - debt) / cost)
end
if all then
  for key, bucket in pairs(taken) do
    local leftMs = math.ceil((bucket.at + bucket.debt / bucket.rate - now) / 1000) + 1
    if ARGV[1] ~= '' then leftMs = 3600000 end
    redis.call('SET', key, string.format('%.0f %.0f', bucket.at, bucket.debt), 'PX', string.format('%.0f', leftMs))
  end
end
return out`,
);
