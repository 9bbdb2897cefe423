import { LUA_CLOCK, LUA_FENCE, redisScript, type RedisScript } from "./redis-script.ts";

/**
 * Accounts and reservations, number for number as in `budget-book.ts`. After the fence's five: ARGV 6 is the slot's base, 7 the reservation's id, 8 its accounts
 * as JSON: key, scope, and as text limit, amount, window and how long it is kept while idle. KEYS: fence, open reservations by their ends, the
 * reservation. A reservation is a hash: state (pending, committed, expired, voided), end, text of its amounts, parts, text of what it really cost.
 */
const LUA_LEDGER = `
local nowMs = math.floor(nowUs(ARGV[1]) / 1000)
local base, id, resolvedMs = ARGV[6], ARGV[7], ARGV[#ARGV]
local MAX = 9007199254740991

local function load(part, atMs)
  local known = redis.call('HMGET', part.k, 'committed', 'reserved', 'debt', 'window')
  local account = {
    committed = tonumber(known[1] or 0), reserved = tonumber(known[2] or 0),
    debt = tonumber(known[3] or 0), window = tonumber(known[4] or 0),
  }
  local windowMs, limit = tonumber(part.w), tonumber(part.l)
  local window = windowMs > 0 and math.floor(atMs / windowMs) or 0
  if window > account.window then
    if known[1] then
      local room = math.max(0, limit - account.reserved)
      local left = math.max(0, account.debt - room * (window - account.window - 1))
      account.committed = math.min(left, room)
      account.debt = left - account.committed
    end
    account.window = window
  end
  return account
end

local function save(part, account)
  redis.call('HSET', part.k, 'committed', account.committed, 'reserved', account.reserved,
    'debt', account.debt, 'window', account.window)
  if ARGV[1] ~= '' then return end
  local windowMs, idleMs = tonumber(part.w), tonumber(part.i)
  if windowMs > 0 and account.debt == 0 then
    redis.call('PEXPIREAT', part.k, string.format('%.0f', (account.window + 1) * windowMs + 660000))
  elseif windowMs > 0 then
    redis.call('PERSIST', part.k)
  elseif idleMs > 0 then
    redis.call('PEXPIRE', part.k, string.format('%.0f', idleMs))
  end
end

local function finish(which, state, text)
  local key = base .. 'reservation:' .. which
  redis.call('HSET', key, 'state', state, 'actual', text)
  redis.call('PEXPIRE', key, resolvedMs)
  redis.call('ZREM', KEYS[2], which)
end

local function post(parts, atMs, actual)
  for _, part in ipairs(parts) do
    local account, amount = load(part, atMs), tonumber(part.n)
    local cost = actual(part.s, amount)
    account.reserved = math.max(0, account.reserved - amount)
    account.committed = account.committed + math.min(amount, cost)
    account.debt = math.min(MAX, account.debt + math.max(0, cost - amount))
    save(part, account)
  end
end

local function full(_, amount) return amount end

local function expire(which)
  local known = redis.call('HMGET', base .. 'reservation:' .. which, 'parts', 'ends')
  if known[1] then post(cjson.decode(known[1]), tonumber(known[2]), full) end
  finish(which, 'expired', '')
end

for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', nowMs, 'LIMIT', 0, 256)) do expire(due) end`;

function ledgerScript(body: string): RedisScript {
  return redisScript(LUA_CLOCK, LUA_FENCE, LUA_LEDGER, body);
}

/** ARGV 9: text of the amounts, whether they are refused already, most open reservations, milliseconds until it ends. */
export const RESERVE: RedisScript = ledgerScript(`
local known = redis.call('HMGET', KEYS[3], 'state', 'text')
if known[1] then
  if known[2] ~= ARGV[9] then return told('conflict') end
  return told(known[1] == 'voided' and 'no' or 'yes')
end
if ARGV[10] == '1' then return told('no') end
local parts, accounts = cjson.decode(ARGV[8]), {}
for i, part in ipairs(parts) do
  local account = load(part, nowMs)
  if tonumber(part.n) > tonumber(part.l) - account.committed - account.reserved - account.debt then
    return told('no', part.s)
  end
  accounts[i] = account
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[11]) then return told('no') end
for i, part in ipairs(parts) do
  accounts[i].reserved = accounts[i].reserved + tonumber(part.n)
  save(part, accounts[i])
end
local ends = nowMs + tonumber(ARGV[12])
redis.call('HSET', KEYS[3], 'state', 'pending', 'ends', ends, 'text', ARGV[9], 'parts', ARGV[8])
redis.call('ZADD', KEYS[2], ends, id)
return changed('yes')`);

/** ARGV 9: commit or void, text of what it really cost, the same as JSON. */
export const RESOLVE: RedisScript = ledgerScript(`
local known = redis.call('HMGET', KEYS[3], 'state', 'ends', 'parts', 'actual')
if not known[1] then return told('unknown') end
if known[1] == 'pending' and tonumber(known[2]) <= nowMs then
  expire(id)
  known = redis.call('HMGET', KEYS[3], 'state', 'ends', 'parts', 'actual')
end
local state, parts, costs = known[1], cjson.decode(known[3]), cjson.decode(ARGV[11])
if ARGV[9] == 'void' then
  if state == 'voided' then return told('done') end
  if state ~= 'pending' then return told('resolved', state) end
  post(parts, nowMs, function() return 0 end)
  finish(id, 'voided', '')
  return changed('done')
end
local reserved, byScope, overruns = {}, {}, {}
for _, part in ipairs(parts) do reserved[part.s] = tonumber(part.n) end
for _, cost in ipairs(costs) do
  byScope[cost[1]] = tonumber(cost[2])
  local over = tonumber(cost[2]) - (reserved[cost[1]] or 0)
  if over > 0 then
    overruns[#overruns + 1] = cost[1]
    overruns[#overruns + 1] = string.format('%.0f', over)
  end
end
if state == 'pending' then
  for _, cost in ipairs(costs) do
    if not reserved[cost[1]] then return told('scope', cost[1]) end
  end
  post(parts, nowMs, function(scope, amount) return byScope[scope] or amount end)
  finish(id, 'committed', ARGV[10])
  return changed('done', '', unpack(overruns))
end
if state == 'voided' then return told('resolved', state) end
if ARGV[10] == '' then return told('done') end
if known[4] == '' then return told('resolved', state) end
if known[4] ~= ARGV[10] then return told('conflict') end
return told('done', '', unpack(overruns))`);

/** Gives committed, reserved, debt and window of each account, as text: the client's reader of large numbers isn't exact. */
export const READ_ACCOUNTS: RedisScript = ledgerScript(`
local out = {}
for _, part in ipairs(cjson.decode(ARGV[8])) do
  local account = load(part, nowMs)
  for _, name in ipairs({'committed', 'reserved', 'debt', 'window'}) do out[#out + 1] = string.format('%.0f', account[name]) end
end
return told(unpack(out))`);
