import { LUA_CLOCK, LUA_FENCE, redisScript, type RedisScript } from "./redis-script.ts";

/**
 * Holds of all tenants in one slot. A hold is a hash: version, text, requester, bytes. KEYS: fence, open holds by arrival, open holds by when they end, open
 * holds by requester, totals, ended holds by their end. After the fence's five: ARGV 6 is the slot's base.
 */
const LUA_HOLDS = `
local base = ARGV[6]
local OPEN, DUE, REQUESTERS, TOTALS, ENDED = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local function holdKey(id) return base .. 'hold:' .. id end

local function leave(id, requester, bytes)
  redis.call('ZREM', OPEN, id)
  redis.call('ZREM', DUE, id)
  if redis.call('HINCRBY', REQUESTERS, requester, -1) <= 0 then redis.call('HDEL', REQUESTERS, requester) end
  redis.call('HINCRBY', TOTALS, 'bytes', -bytes)
  redis.call('ZADD', ENDED, redis.call('HINCRBY', TOTALS, 'endings', 1), id)
  local endedBytes = redis.call('HINCRBY', TOTALS, 'endedBytes', bytes)
  while redis.call('ZCARD', ENDED) > tonumber(ARGV[7]) or endedBytes > tonumber(ARGV[8]) do
    local oldest = redis.call('ZPOPMIN', ENDED)[1]
    endedBytes = redis.call('HINCRBY', TOTALS, 'endedBytes', -(redis.call('HGET', holdKey(oldest), 'bytes') or 0))
    redis.call('DEL', holdKey(oldest))
  end
end`;

function holdScript(body: string): RedisScript {
  return redisScript(LUA_CLOCK, LUA_FENCE, LUA_HOLDS, body);
}

/** ARGV 9: id, text, bytes, requester, when it ends in ms, most holds, most bytes, most of one requester. */
export const PARK: RedisScript = holdScript(`
local id, text, bytes, requester = ARGV[9], ARGV[10], tonumber(ARGV[11]), ARGV[12]
if redis.call('EXISTS', holdKey(id)) == 1 then return told('exists') end
local isFull = redis.call('ZCARD', OPEN) >= tonumber(ARGV[14])
  or tonumber(redis.call('HGET', TOTALS, 'bytes') or 0) + bytes > tonumber(ARGV[15])
  or tonumber(redis.call('HGET', REQUESTERS, requester) or 0) >= tonumber(ARGV[16])
if isFull then return told('full') end
redis.call('HSET', holdKey(id), 'version', 1, 'text', text, 'requester', requester, 'bytes', bytes)
redis.call('ZADD', OPEN, redis.call('HINCRBY', TOTALS, 'arrivals', 1), id)
redis.call('ZADD', DUE, ARGV[13], id)
redis.call('HINCRBY', REQUESTERS, requester, 1)
redis.call('HINCRBY', TOTALS, 'bytes', bytes)
return changed('parked')`);

/** ARGV 9: id, version that was read, text, whether it is still open, when it ends in ms. */
export const REPLACE: RedisScript = holdScript(`
local id = ARGV[9]
local known = redis.call('HMGET', holdKey(id), 'version', 'requester', 'bytes')
if known[1] ~= ARGV[10] then return told('changed') end
redis.call('HSET', holdKey(id), 'version', tonumber(known[1]) + 1, 'text', ARGV[11])
if ARGV[12] == '1' then redis.call('ZADD', DUE, ARGV[13], id)
else leave(id, known[2], tonumber(known[3])) end
return changed('replaced')`);

/** ARGV 9: id. Gives the server's time in microseconds, version and text. */
export const READ: RedisScript = holdScript(`
local known = redis.call('HMGET', holdKey(ARGV[9]), 'version', 'text')
return told(string.format('%.0f', nowUs), known[1] or '', known[2] or '')`);

/** ARGV 9: from how many on, how many at most. Gives texts of open holds, the oldest first. */
export const LIST: RedisScript = holdScript(`
local texts = {}
for i, id in ipairs(redis.call('ZRANGE', OPEN, ARGV[9], ARGV[9] + ARGV[10] - 1)) do
  texts[i] = redis.call('HGET', holdKey(id), 'text')
end
return told(unpack(texts))`);

/** ARGV 9: how many at most. Gives the server's time, then id, version and text of open holds whose time is over. */
export const OVERDUE: RedisScript = holdScript(`
local out = {}
local ids = redis.call('ZRANGEBYSCORE', DUE, '-inf', string.format('%.0f', math.floor(nowUs / 1000)), 'LIMIT', 0, ARGV[9])
for _, id in ipairs(ids) do
  local known = redis.call('HMGET', holdKey(id), 'version', 'text')
  for _, text in ipairs({id, known[1], known[2]}) do out[#out + 1] = text end
end
return told(string.format('%.0f', nowUs), unpack(out))`);

/** Gives how many are open and how many bytes they take. */
export const SIZE: RedisScript = holdScript(`
return told(redis.call('ZCARD', OPEN), tonumber(redis.call('HGET', TOTALS, 'bytes') or 0))`);
