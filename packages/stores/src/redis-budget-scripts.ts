import { LUA_CLOCK, LUA_FENCE, redisScript, type RedisScript } from "./redis-script.ts";

/**
 * Accounts and reservations, number for number as in `budget-book.ts`. After the fence's five: ARGV 6 is the slot's base, 7 the reservation's id, 8 its accounts
 * as JSON: key, scope, and as text limit, amount, window and how long it is kept while idle. KEYS: fence, open reservations by their ends, the
 * reservation. An account is `<committed> <reserved> <debt> <window>`; a reservation is packed: state (pending, committed, expired, voided), end, text of its
 * amounts, its accounts, text of what it really cost. One string each is half the work of a hash.
 */
const LUA_LEDGER = `
local nowMs = math.floor(nowUs / 1000)
local base, id, resolvedMs = ARGV[6], ARGV[7], ARGV[#ARGV]
local MAX = 9007199254740991

local function load(part, atMs)
  local known = redis.call('GET', part.k)
  local committed, reserved, debt, window = string.match(known or '0 0 0 0', '^(%d+) (%d+) (%d+) (%d+)$')
  local account = {
    committed = tonumber(committed), reserved = tonumber(reserved), debt = tonumber(debt), window = tonumber(window),
    isFresh = not known, hadDebt = debt ~= '0',
  }
  local windowMs, limit = tonumber(part.w), tonumber(part.l)
  local current = windowMs > 0 and math.floor(atMs / windowMs) or 0
  if current > account.window then
    if known then
      local room = math.max(0, limit - account.reserved)
      local left = math.max(0, account.debt - room * (current - account.window - 1))
      account.committed = math.min(left, room)
      account.debt = left - account.committed
    end
    account.window, account.isFresh = current, true
  end
  return account
end

local function save(part, account)
  local text = string.format('%.0f %.0f %.0f %.0f', account.committed, account.reserved, account.debt, account.window)
  local windowMs, hasDebt = tonumber(part.w), account.debt > 0
  if ARGV[1] ~= '' or (windowMs == 0 and part.i == '0') or (windowMs > 0 and hasDebt) then
    redis.call('SET', part.k, text)
  elseif windowMs == 0 then
    redis.call('SET', part.k, text, 'PX', part.i)
  elseif account.isFresh or account.hadDebt then
    redis.call('SET', part.k, text, 'PXAT', string.format('%.0f', (account.window + 1) * windowMs + 660000))
  else
    redis.call('SET', part.k, text, 'KEEPTTL')
  end
end

local function read(which)
  local packed = redis.call('GET', base .. 'reservation:' .. which)
  return packed and cmsgpack.unpack(packed)
end

local function finish(which, reservation, state, text)
  reservation[1], reservation[5] = state, text
  redis.call('SET', base .. 'reservation:' .. which, cmsgpack.pack(reservation), 'PX', resolvedMs)
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
  local reservation = read(which)
  if not reservation then return redis.call('ZREM', KEYS[2], which) end
  post(cjson.decode(reservation[4]), reservation[2], full)
  finish(which, reservation, 'expired', '')
end

for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', nowMs, 'LIMIT', 0, 256)) do expire(due) end`;

function ledgerScript(body: string): RedisScript {
  return redisScript(LUA_CLOCK, LUA_FENCE, LUA_LEDGER, body);
}

/** ARGV 9: text of the amounts, whether they are refused already, most open reservations, milliseconds until it ends. */
export const RESERVE: RedisScript = ledgerScript(`
local known = read(id)
if known then
  if known[3] ~= ARGV[9] then return told('conflict') end
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
redis.call('SET', KEYS[3], cmsgpack.pack({'pending', ends, ARGV[9], ARGV[8], ''}))
redis.call('ZADD', KEYS[2], string.format('%.0f', ends), id)
return changed('yes')`);

/** ARGV 9: commit or void, text of what it really cost, the same as JSON. */
export const RESOLVE: RedisScript = ledgerScript(`
local known = read(id)
if not known then return told('unknown') end
if known[1] == 'pending' and known[2] <= nowMs then
  expire(id)
  known = read(id)
end
local state, parts, costs = known[1], cjson.decode(known[4]), cjson.decode(ARGV[11])
if ARGV[9] == 'void' then
  if state == 'voided' then return told('done') end
  if state ~= 'pending' then return told('resolved', state) end
  post(parts, nowMs, function() return 0 end)
  finish(id, known, 'voided', '')
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
  finish(id, known, 'committed', ARGV[10])
  return changed('done', '', unpack(overruns))
end
if state == 'voided' then return told('resolved', state) end
if ARGV[10] == '' then return told('done') end
if known[5] == '' then return told('resolved', state) end
if known[5] ~= ARGV[10] then return told('conflict') end
return told('done', '', unpack(overruns))`);

/** ARGV 9: text of the amounts, when they were spent in ms. */
export const RESTORE: RedisScript = ledgerScript(`
if read(id) then return told('known') end
for _, part in ipairs(cjson.decode(ARGV[8])) do
  local windowMs = tonumber(part.w)
  if windowMs == 0 or math.floor(tonumber(ARGV[10]) / windowMs) >= math.floor(nowMs / windowMs) then
    local account, amount = load(part, nowMs), tonumber(part.n)
    local posted = math.min(amount, math.max(0, tonumber(part.l) - account.committed - account.reserved))
    account.committed = account.committed + posted
    account.debt = math.min(MAX, account.debt + amount - posted)
    save(part, account)
  end
end
finish(id, { '', 0, ARGV[9], ARGV[8], '' }, 'committed', '')
return changed('restored')`);

/** Gives committed, reserved, debt and window of each account, as text: the client's reader of large numbers isn't exact. */
export const READ_ACCOUNTS: RedisScript = ledgerScript(`
local out = {}
for _, part in ipairs(cjson.decode(ARGV[8])) do
  local account = load(part, nowMs)
  for _, name in ipairs({'committed', 'reserved', 'debt', 'window'}) do out[#out + 1] = string.format('%.0f', account[name]) end
end
return told(unpack(out))`);
