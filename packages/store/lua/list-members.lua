--[[
List the live processes.

KEYS[1]  <prefix>:{fleet}:members zset: member id -> moment of the last beat
KEYS[2]  <prefix>:{fleet}:info hash: member id -> JSON
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  silence after which a member is dead, ms

Replies: a list of member JSON, moment of the last beat, …
Retry: lists again.
Complexity: O(members)
]]
-- @include server-clock
local membersKey, infoKey, deadAfterMs = KEYS[1], KEYS[2], tonumber(ARGV[2])

local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', membersKey, now - deadAfterMs, '+inf')) do
  local member = redis.call('HGET', infoKey, id)
  if member then
    found[#found + 1] = member
    found[#found + 1] = redis.call('ZSCORE', membersKey, id)
  end
end
return found
