-- The gate of one task type: who holds a place, who waits for one, and when the last have begun. One slot.
-- KEYS[1] due zset: gate -> moment at which it must be advanced, shared by the gates of the slot
-- KEYS[2] held zset: member -> end of its lease       KEYS[3] line zset: member -> arrival
-- KEYS[4] keyed zset `<digest>:<arrival>:<member>`, by text: who waits for a place of its own concurrency key
-- KEYS[5] entries hash: member -> JSON, '@' -> limits KEYS[6] taken hash: digest -> members of the key that hold or stand in line
-- KEYS[7] starts list: moments of the last starts
-- A member waits for its key first and then in the line: whoever waits for the key takes no place from others.
-- @include server-clock
local dueKey, heldKey, lineKey, keyedKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local entriesKey, takenKey, startsKey = KEYS[5], KEYS[6], KEYS[7]
local gate = ARGV[2]
-- For whom a place is kept has so long to come for it.
local RESERVED, PURGE_PAGE, WAKE_PAGE = 10000, 100, 32

local function assertGate()
  local types = { 'zset', 'zset', 'zset', 'zset', 'hash', 'hash', 'list' }
  for i, expected in ipairs(types) do
    local found = redis.call('TYPE', KEYS[i]).ok
    if found ~= expected and found ~= 'none' then
      error('CORRUPT ' .. KEYS[i] .. ' is a ' .. found .. ', not a ' .. expected)
    end
  end
end
assertGate()

-- What cannot be read is as if it were not there: its task comes again.
local function readEntry(member)
  local isRead, entry = pcall(cjson.decode, redis.call('HGET', entriesKey, member) or '')
  return isRead and type(entry) == 'table' and entry or nil
end

local function writeEntry(member, entry)
  redis.call('HSET', entriesKey, member, cjson.encode(entry))
end

local limits = readEntry('@') or { max = 0, rate = 0, perMs = 0 }

local function keyedName(member, entry)
  return ('%s:%016d:%s'):format(entry.key, entry.at, member)
end

-- One of the key is gone: the next one that waits for the key gets into the line.
local function freeKey(entry)
  if entry.key == '' then
    return
  end
  local left = redis.call('HINCRBY', takenKey, entry.key, -1)
  if left <= 0 then
    redis.call('HDEL', takenKey, entry.key)
  end
  local low, high = '[' .. entry.key .. ':', '(' .. entry.key .. ';'
  local name = redis.call('ZRANGEBYLEX', keyedKey, low, high, 'LIMIT', 0, 1)[1]
  if name and left < entry.keyMax then
    redis.call('ZREM', keyedKey, name)
    redis.call('HINCRBY', takenKey, entry.key, 1)
    redis.call('ZADD', lineKey, tonumber(name:sub(42, 57)), name:sub(59))
  end
end

-- Leases that have ended. One who has not come for its place goes to the end of the line.
local function purge()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', heldKey, '-inf', now, 'LIMIT', 0, PURGE_PAGE)) do
    redis.call('ZREM', heldKey, member)
    local entry = readEntry(member)
    if entry and entry.token == '' then
      redis.call('ZADD', lineKey, now, member)
    elseif entry then
      redis.call('HDEL', entriesKey, member)
      freeKey(entry)
    end
  end
end

-- When the next may begin: now, at a moment, or when somebody leaves (math.huge).
local function nextStart()
  if limits.max > 0 and redis.call('ZCARD', heldKey) >= limits.max then
    return math.huge
  end
  local before = limits.rate > 0 and redis.call('LINDEX', startsKey, -limits.rate)
  return before and math.max(now, tonumber(before) + limits.perMs) or now
end

-- Keeps places for the first of the line; answers their jobs. `own` = who is asking and needs none.
local function promote(own)
  local jobs = {}
  while #jobs < WAKE_PAGE and nextStart() <= now do
    local member = redis.call('ZRANGE', lineKey, 0, 0)[1]
    if not member then
      break
    end
    redis.call('ZREM', lineKey, member)
    local entry = readEntry(member)
    if entry then
      redis.call('ZADD', heldKey, now + RESERVED, member)
      if limits.rate > 0 then
        redis.call('RPUSH', startsKey, now)
        redis.call('LTRIM', startsKey, -limits.rate, -1)
      end
      if member ~= own then
        jobs[#jobs + 1] = entry.job
      end
    end
  end
  return jobs
end

-- As long as anybody is there: also who was called last may not come.
local function setDue()
  local heldAndKeyed = redis.call('ZCARD', heldKey) + redis.call('ZCARD', keyedKey)
  if heldAndKeyed + redis.call('ZCARD', lineKey) == 0 then
    redis.call('ZREM', dueKey, gate)
    return
  end
  local leaseEnd = tonumber(redis.call('ZRANGE', heldKey, 0, 0, 'WITHSCORES')[2]) or math.huge
  local starts = redis.call('ZCARD', lineKey) > 0 and nextStart() or math.huge
  local due = math.min(leaseEnd, starts)
  redis.call('ZADD', dueKey, due == math.huge and now or due, gate)
end
