--[[
Take a process out of the fleet.

KEYS[1]  <prefix>:{fleet}:members zset: member id -> moment of the last beat
KEYS[2]  <prefix>:{fleet}:info hash: member id -> JSON
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  member id
ARGV[3]  silence after which a member is dead, ms

Replies: { 'left', number of live members }
Retry: left again.
Complexity: O(log members)
]]
-- @include server-clock
local membersKey, infoKey = KEYS[1], KEYS[2]
local id, deadAfterMs = ARGV[2], tonumber(ARGV[3])

redis.call('HDEL', infoKey, id)
redis.call('ZREM', membersKey, id)
return { 'left', redis.call('ZCOUNT', membersKey, now - deadAfterMs, '+inf') }
