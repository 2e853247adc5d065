-- Commands of a decision, a flat list in ARGV: checked as a whole first, written as a whole then.
--   T key presumed-rev flags json   put a row; flags: s f e = stamp scheduledAt, firstScheduledAt, endedAt;
--                                   t = joins the to-do list, d = leaves it
--   K key attempt                   keep the row as <key>@<attempt>      D field text      put a payload or @<blob>
--   A join key                      arrive                               M timer delayMs   arm; m timer   clear
--   L letterId dispatchKey json     send                                 R field text      change the record
--   E json                          record an event
-- @include rows
local STAMPS = { s = 'scheduledAt', f = 'firstScheduledAt', e = 'endedAt' }
local WIDTHS = { T = 4, K = 2, D = 2, A = 2, M = 2, m = 1, L = 3, R = 2, E = 1 }

local checks, writes = {}, {}

-- A row that is not there has revision 0.
function checks.T(k, key, presumed)
  local stored = redis.call('HGET', k.tasks, key)
  local rev = stored and (stored:match('^(%d+) ') or 'unreadable') or '0'
  return rev == presumed
end

function checks.A(k, join)
  return tonumber(redis.call('HGET', k.joins, join) or 0)
    or error('CORRUPT ' .. k.joins .. ' has no count of ' .. join)
end

function checks.M(_, timer, delayMs)
  return tonumber(delayMs) or error('no delay for ' .. timer)
end

function writes.T(k, r, key, presumed, flags, json)
  disarmTask(k, key)
  for flag, field in pairs(STAMPS) do
    if flags:find(flag) then
      json = '{"' .. field .. '":' .. now .. ',' .. json:sub(2)
    end
  end
  redis.call('HSET', k.tasks, key, (presumed + 1) .. ' ' .. json)
  if flags:find('t') then
    redis.call('ZADD', k.todo, r.version, key)
  elseif flags:find('d') then
    redis.call('ZREM', k.todo, key)
  end
end

function writes.K(k, _, key, attempt)
  local stored = redis.call('HGET', k.tasks, key)
  if stored then
    redis.call('HSET', k.tasks, key .. '@' .. attempt, stored)
  end
end

-- A blob that a payload leaves behind is noted under `b:<id>`, for the purge to find.
function writes.D(k, _, field, text)
  local old = redis.call('HGET', k.data, field)
  if old and old:sub(1, 1) == '@' then
    redis.call('HSET', k.data, 'b:' .. old:sub(2), old)
  end
  redis.call('HSET', k.data, field, text)
end

function writes.A(k, _, join, key)
  if redis.call('HSETNX', k.joins, join .. '\0' .. key, 1) == 1 then
    redis.call('HINCRBY', k.joins, join, 1)
  end
end

function writes.M(k, _, timer, delayMs)
  redis.call('ZADD', k.timers, now + delayMs, timer)
end

function writes.m(k, _, timer)
  redis.call('ZREM', k.timers, timer)
end

function writes.L(k, _, letterId, dispatchKey, json)
  putLetter(k, letterId, dispatchKey, json)
end

function writes.R(_, r, field, text)
  setField(r, field, field == 'open' and tonumber(text) or text)
end

function writes.E(k, r, json)
  addEvent(k, r, json)
end

-- False = a row is not as presumed. Blobs must be there still: their hour may have passed.
local function checkCommands(k, first, firstBlob)
  for i = firstBlob, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 0 then
      error('EXPIRED blob ' .. KEYS[i] .. ' before the transition that names it')
    end
  end
  local at = first
  while at <= #ARGV do
    local op = ARGV[at]
    local check = checks[op]
    if check and not check(k, ARGV[at + 1], ARGV[at + 2]) then
      return false
    end
    at = at + 1 + (WIDTHS[op] or error('no command ' .. tostring(op)))
  end
  return true
end

local function writeCommands(k, r, first, firstBlob)
  for i = firstBlob, #KEYS do
    redis.call('PERSIST', KEYS[i])
  end
  local at = first
  while at <= #ARGV do
    local op = ARGV[at]
    writes[op](k, r, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
    at = at + 1 + WIDTHS[op]
  end
end
