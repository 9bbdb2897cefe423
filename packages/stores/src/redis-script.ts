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

/**
 * Knows a server that went back in time. Every change counts \`seq\` up in the slot's fence; a caller says what it has seen (epoch and seq), and a
 * server that has less lost acknowledged writes: nothing is answered. ARGV 1 to 4: time, epoch seen, seq seen, epoch for a slot that has none.
 */
export const LUA_FENCE = `
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'after')
local epoch, seq = seen[1], tonumber(seen[2] or '0')
if not epoch then
  if ARGV[2] ~= '' then return {'rewound'} end
  epoch = ARGV[4]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0)
elseif epoch == ARGV[2] then
  if seq < tonumber(ARGV[3]) then return {'rewound'} end
elseif ARGV[2] ~= '' and seen[3] ~= ARGV[2] then
  return {'rewound'}
end
local function told(...) return {'ok', epoch, seq, ...} end
local function changed(...)
  seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  return told(...)
end`;
