--[[
Take the entries of the agenda at which somebody must look now; each comes again later, none is removed.

KEYS[1]  <prefix>:{<name>}:entries hash: id -> `<revision> <JSON>`
KEYS[2]  <prefix>:{<name>}:due zset: id -> moment of the next look
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  most entries to take
ARGV[3]  time after which they come again, ms

Replies: { now, id, `<revision> <JSON>`, id, … }
Retry: takes others, or the same later.
Complexity: O(log entries + taken)
]]
-- @include server-clock
local entriesKey, dueKey = KEYS[1], KEYS[2]
local limit, againMs = tonumber(ARGV[2]), tonumber(ARGV[3])

local reply = { now }
for _, id in ipairs(redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, limit)) do
  local stored = redis.call('HGET', entriesKey, id)
  if stored then
    redis.call('ZADD', dueKey, now + againMs, id)
    reply[#reply + 1] = id
    reply[#reply + 1] = stored
  else
    redis.call('ZREM', dueKey, id)
  end
end
return reply
