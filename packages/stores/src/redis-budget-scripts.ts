import { LUA_CLOCK, LUA_FENCE, redisScript, type RedisScript } from "./redis-script.ts";

/**
 * Accounts and reservations, number for number as in `budget-book.ts`: takes a batch of steps in one go, all of one tenant. After the fence's five: ARGV 6 is
 * the slot's base, 7 how long an ended reservation is remembered, 8 most open reservations, 9 how long one waits for its end, 10 the steps as JSON. KEYS:
 * fence, open reservations by their ends.
 *
 * An account is the text `<committed> <reserved> <debt> <window>`; a reservation is packed: state (pending, committed, expired, voided), end, text of its amounts,
 * its parts, text of what it really cost. A part is an account's key, scope, limit, amount, window and how long it is kept while idle, numbers as text.
 */
const LUA_LEDGER = `
local nowMs = math.floor(nowUs / 1000)
local base, resolvedMs = ARGV[6], ARGV[7]
local MAX = 9007199254740991
local changes = 0

local function load(part, atMs)
  local known = redis.call('GET', base .. part[1])
  local committed, reserved, debt, window = string.match(known or '0 0 0 0', '^(%d+) (%d+) (%d+) (%d+)$')
  local account = {
    committed = tonumber(committed), reserved = tonumber(reserved), debt = tonumber(debt), window = tonumber(window),
    isFresh = not known, hadDebt = debt ~= '0',
  }
  local windowMs, limit = tonumber(part[5]), tonumber(part[3])
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

local function textOf(account)
  return string.format('%.0f %.0f %.0f %.0f', account.committed, account.reserved, account.debt, account.window)
end

local function save(part, account)
  local key, windowMs, hasDebt = base .. part[1], tonumber(part[5]), account.debt > 0
  if ARGV[1] ~= '' or (windowMs == 0 and part[6] == '0') or (windowMs > 0 and hasDebt) then
    redis.call('SET', key, textOf(account))
  elseif windowMs == 0 then
    redis.call('SET', key, textOf(account), 'PX', part[6])
  elseif account.isFresh or account.hadDebt then
    redis.call('SET', key, textOf(account), 'PXAT', string.format('%.0f', (account.window + 1) * windowMs + 660000))
  else
    redis.call('SET', key, textOf(account), 'KEEPTTL')
  end
end

local function read(id)
  local packed = redis.call('GET', base .. 'reservation:' .. id)
  return packed and cmsgpack.unpack(packed)
end

local function finish(id, reservation, state, text)
  reservation[1], reservation[5] = state, text
  redis.call('SET', base .. 'reservation:' .. id, cmsgpack.pack(reservation), 'PX', resolvedMs)
  redis.call('ZREM', KEYS[2], id)
end

local function post(parts, atMs, costs, otherwise)
  for _, part in ipairs(parts) do
    local account, amount = load(part, atMs), tonumber(part[4])
    local cost = costs[part[2]] or otherwise or amount
    account.reserved = math.max(0, account.reserved - amount)
    account.committed = account.committed + math.min(amount, cost)
    account.debt = math.min(MAX, account.debt + math.max(0, cost - amount))
    save(part, account)
  end
end

local function expire(id)
  local reservation = read(id)
  if not reservation then return redis.call('ZREM', KEYS[2], id) end
  post(reservation[4], reservation[2], {})
  finish(id, reservation, 'expired', '')
end

local steps = {}

-- id, text of the amounts, whether they are refused already, parts
function steps.reserve(id, text, isRefused, parts)
  local known, accounts = read(id), {}
  if known then
    if known[3] ~= text then return {'conflict'} end
    return {known[1] == 'voided' and 'no' or 'yes'}
  end
  if isRefused then return {'no'} end
  for i, part in ipairs(parts) do
    local account = load(part, nowMs)
    if tonumber(part[4]) > tonumber(part[3]) - account.committed - account.reserved - account.debt then
      return {'no', part[2]}
    end
    accounts[i] = account
  end
  if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[8]) then return {'no'} end
  for i, part in ipairs(parts) do
    accounts[i].reserved = accounts[i].reserved + tonumber(part[4])
    save(part, accounts[i])
  end
  local ends = nowMs + tonumber(ARGV[9])
  redis.call('SET', base .. 'reservation:' .. id, cmsgpack.pack({'pending', ends, text, parts, ''}))
  redis.call('ZADD', KEYS[2], string.format('%.0f', ends), id)
  changes = changes + 1
  return {'yes'}
end

local function pending(id)
  local known = read(id)
  if not known or known[1] ~= 'pending' or known[2] > nowMs then return known end
  expire(id)
  return read(id)
end

-- id
function steps.void(id)
  local known = pending(id)
  if not known then return {'unknown'} end
  if known[1] == 'voided' then return {'done'} end
  if known[1] ~= 'pending' then return {'resolved', known[1]} end
  post(known[4], nowMs, {}, 0)
  finish(id, known, 'voided', '')
  changes = changes + 1
  return {'done'}
end

-- id, text of what it really cost, the same by scope
function steps.commit(id, text, actual)
  local known = pending(id)
  if not known then return {'unknown'} end
  local reserved, costs, answer = {}, {}, {'done', ''}
  for _, part in ipairs(known[4]) do reserved[part[2]] = tonumber(part[4]) end
  for _, cost in ipairs(actual) do
    local amount = tonumber(cost[2])
    costs[cost[1]] = amount
    local over = amount - (reserved[cost[1]] or 0)
    if over > 0 then
      answer[#answer + 1] = cost[1]
      answer[#answer + 1] = string.format('%.0f', over)
    end
  end
  if known[1] == 'pending' then
    for scope in pairs(costs) do
      if not reserved[scope] then return {'scope', scope} end
    end
    post(known[4], nowMs, costs)
    finish(id, known, 'committed', text)
    changes = changes + 1
    return answer
  end
  if known[1] == 'voided' then return {'resolved', known[1]} end
  if text == '' then return {'done'} end
  if known[5] == '' then return {'resolved', known[1]} end
  if known[5] ~= text then return {'conflict'} end
  return answer
end

-- id, text of the amounts, when they were spent, parts
function steps.restore(id, text, atMs, parts)
  if read(id) then return {'known'} end
  for _, part in ipairs(parts) do
    local windowMs = tonumber(part[5])
    if windowMs == 0 or math.floor(atMs / windowMs) >= math.floor(nowMs / windowMs) then
      local account, amount = load(part, nowMs), tonumber(part[4])
      local posted = math.min(amount, math.max(0, tonumber(part[3]) - account.committed - account.reserved))
      account.committed = account.committed + posted
      account.debt = math.min(MAX, account.debt + amount - posted)
      save(part, account)
    end
  end
  finish(id, { '', 0, text, parts, '' }, 'committed', '')
  changes = changes + 1
  return {'restored'}
end

-- parts; gives committed, reserved, debt and window of each, as text: the client's reader of large numbers isn't exact
function steps.read(parts)
  local out = {}
  for _, part in ipairs(parts) do
    local account = load(part, nowMs)
    for _, name in ipairs({'committed', 'reserved', 'debt', 'window'}) do
      out[#out + 1] = string.format('%.0f', account[name])
    end
  end
  return out
end

for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', nowMs, 'LIMIT', 0, 256)) do expire(due) end
local answers = {}
for i, step in ipairs(cjson.decode(ARGV[10])) do answers[i] = steps[step[1]](unpack(step, 2)) end
if changes == 0 then return told(unpack(answers)) end
return changed(unpack(answers))`;

/** Takes a batch of steps on one tenant's ledger. */
export const TAKE_STEPS: RedisScript = redisScript(LUA_CLOCK, LUA_FENCE, LUA_LEDGER);
