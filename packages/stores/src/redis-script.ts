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
 * `nowUs(given)`: microseconds since 1970 by the server's clock, so that no caller's clock counts. Numbers of Lua are doubles like ours: exact for
 * whole ones up to 2^53. Tests give a time.
 */
export const LUA_CLOCK = `
local function nowUs(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end`;

/** How long Redis remembers what a process had acknowledged; a process asks no longer ago than half of it. */
export const FENCE_MS_MAX = 86_400_000;

/**
 * Knows a server that went back in time. Every change counts up `seq` in the slot's fence, and a count of the caller's own beside it, which nobody else's
 * changes can make up for. A caller says what it has seen of both; a server that has less lost acknowledged writes: nothing is answered.
 * ARGV 1 to 5: time, epoch seen, seq seen, the caller's id (and epoch of a slot that has none), own count seen.
 */
export const LUA_FENCE: string = `
local ownKey = KEYS[1] .. ':' .. ARGV[4]
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local epoch, seq = seen[1], tonumber(seen[2] or 0)
local own = tonumber(redis.call('GET', ownKey) or 0)
if own < tonumber(ARGV[5]) then return {'rewound'} end
if not epoch and ARGV[2] == '' then
  epoch = ARGV[4]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0)
elseif ARGV[2] ~= '' and (epoch ~= ARGV[2] or seq < tonumber(ARGV[3])) then
  return {'rewound'}
end
local function told(...) return {'ok', epoch, seq, own, ...} end
local function changed(...)
  seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  own = own + 1
  redis.call('SET', ownKey, own, 'PX', ${FENCE_MS_MAX})
  return told(...)
end`;
