--[[
Take the runs of a partition at which somebody must look now; each comes again after a second, none is removed.
Now and then a page of all runs is compared with attention: one that was taken out of it behind our back is due at once.

KEYS[1]  <p>:attention zset: run id -> moment
KEYS[2]  <p>:clock string: moment of the last take, ms
KEYS[3]  <p>:runs zset: run id -> createdAt
KEYS[4]  <p>:expiry zset: run id -> moment of its purge
KEYS[5]  <p>:audited string: `<moment of the last comparison, ms> <cursor>`
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  longest time between two looks, ms
ARGV[3]  most runs to take
ARGV[4]  forward step of the clock that is an outage, ms

Replies: { now, step of the clock or 0, run ids, those that were in no index }
Retry: takes others, or the same after a second.
Complexity: O(log runs + taken + page)
]]
-- @include server-clock
local attentionKey, clockKey, runsKey, expiryKey, auditedKey =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local maxSweepAge, limit, outageMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local LOOK_AGAIN, AUDIT_INTERVAL, AUDIT_PAGE = 1000, 10000, 250

-- Runs that nobody would ever look at, of the next page of all runs.
local function forgottenRuns()
  local at, cursor = (redis.call('GET', auditedKey) or ''):match('^(%d+) (%d+)$')
  local since = now - (tonumber(at) or 0)
  if since >= 0 and since < AUDIT_INTERVAL then
    return {}
  end
  local scanned = redis.call('ZSCAN', runsKey, cursor or '0', 'COUNT', AUDIT_PAGE)
  redis.call('SET', auditedKey, ('%.0f %s'):format(now, scanned[1]))
  local forgotten = {}
  for i = 1, #scanned[2], 2 do
    local id = scanned[2][i]
    if not redis.call('ZSCORE', attentionKey, id) and not redis.call('ZSCORE', expiryKey, id) then
      forgotten[#forgotten + 1] = id
    end
  end
  return forgotten
end

local isCompared, forgotten = pcall(forgottenRuns)
forgotten = isCompared and forgotten or {} -- what only helps must not stop the sweep
for _, id in ipairs(forgotten) do
  redis.call('ZADD', attentionKey, now, id)
end
local gapMs = now - (tonumber(redis.call('GET', clockKey) or now) or now)
local due = redis.call('ZRANGEBYSCORE', attentionKey, '-inf', now, 'LIMIT', 0, limit)
-- A moment that no script could have set: the clock has gone back since.
local strays = redis.call(
  'ZRANGEBYSCORE',
  attentionKey,
  '(' .. now + 2 * maxSweepAge,
  '+inf',
  'LIMIT',
  0,
  limit - #due
)
for _, id in ipairs(strays) do
  due[#due + 1] = id
end
for _, id in ipairs(due) do
  redis.call('ZADD', attentionKey, now + LOOK_AGAIN, id)
end
redis.call('SET', clockKey, now)
return { now, gapMs > outageMs and gapMs or 0, due, forgotten }
