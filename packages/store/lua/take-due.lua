--[[
Take the runs of a partition at which somebody must look now; each comes again after a second, none is removed.

KEYS[1]  <p>:attention zset: run id -> moment
KEYS[2]  <p>:clock string: moment of the last take, ms
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  longest time between two looks, ms
ARGV[3]  most runs to take
ARGV[4]  forward step of the clock that is an outage, ms

Replies: { now, step of the clock or 0, run ids }
Retry: takes others, or the same after a second.
Complexity: O(log runs + taken)
]]
-- @include server-clock
local attentionKey, clockKey = KEYS[1], KEYS[2]
local maxSweepAge, limit, outageMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local LOOK_AGAIN = 1000

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
return { now, gapMs > outageMs and gapMs or 0, due }
