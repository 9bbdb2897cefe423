import { createHash } from "node:crypto";

/** A script of our library, called by its hash. */
export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

/** Puts a script together. All of its keys must be of one hash slot. */
export function redisScript(...parts: readonly string[]): RedisScript {
  const source = parts.join("\n");
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/**
 * `nowUs`: microseconds since 1970 by the server's clock, so that no caller's clock counts. Numbers of Lua are doubles like ours: exact for whole
 * ones up to 2^53. ARGV 1: the time that a test gives, else empty.
 */
export const LUA_CLOCK = `
local nowUs = tonumber(ARGV[1])
if not nowUs then
  local time = redis.call('TIME')
  nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
end`;

/** How long Redis remembers what a process had acknowledged; a process asks no longer ago than half of it. */
export const FENCE_MS_MAX = 86_400_000;

/**
 * Knows a server that went back in time. Every change counts up `seq` in the slot's fence, and a count of the caller's own beside it, which nobody else's
 * changes can make up for. A caller says what it has seen of both; a server that has less lost acknowledged writes: nothing is answered.
 * ARGV 2 to 5: epoch seen, seq seen, the caller's id (and epoch of a slot that has none), own count seen.
 */
export const LUA_FENCE: string = `
local ownField = 'own:' .. ARGV[4]
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'seq', ownField, 'from')
local epoch, seq = seen[1], tonumber(seen[2] or 0)
local own = tonumber(string.match(seen[3] or '0', '^%d+'))
if ARGV[2] ~= '' then
  local isSame = epoch == ARGV[2]
  local isRebuilt = not isSame and seen[4] and string.find(seen[4], ARGV[2], 1, true)
  if not isRebuilt and (not isSame or seq < tonumber(ARGV[3]) or own < tonumber(ARGV[5])) then
    return {'rewound', isSame and 'tail' or 'all'}
  end
else
  if not epoch then
    epoch = ARGV[4]
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0)
  end
  if redis.call('HLEN', KEYS[1]) > 256 then
    local fields = redis.call('HGETALL', KEYS[1])
    for i = 1, #fields, 2 do
      local atUs = tonumber(string.match(fields[i + 1], '^%d+ (%d+)$'))
      if atUs and nowUs - atUs > ${FENCE_MS_MAX} * 1000 then redis.call('HDEL', KEYS[1], fields[i]) end
    end
  end
end
local function told(...) return {'ok', epoch, seq, own, ...} end
local function changed(...)
  seq = seq + 1
  own = own + 1
  redis.call('HSET', KEYS[1], 'seq', seq, ownField, string.format('%.0f %.0f', own, nowUs))
  return told(...)
end`;

/** Begins a new epoch of a slot that was rebuilt: who knows an earlier one goes on from there. ARGV: the new one, the one that was known. */
export const RENEW_FENCE: RedisScript = redisScript(`
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'from')
local from = ARGV[2]
if seen[1] and seen[1] ~= ARGV[2] then from = from .. ' ' .. seen[1] end
if seen[2] then from = from .. ' ' .. seen[2] end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'from', string.sub(from, 1, 527))
return {'renewed'}`);
