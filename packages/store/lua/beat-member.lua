--[[
Note that a process is alive, and forget those that have been dead for long.

KEYS[1]  <prefix>:{fleet}:members zset: member id -> moment of the last beat
KEYS[2]  <prefix>:{fleet}:info hash: member id -> JSON
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  member id
ARGV[3]  member, JSON
ARGV[4]  silence after which a member is forgotten, ms

Replies: { 'noted' }
Retry: notes a later beat.
Complexity: O(log members)
]]
-- @include server-clock
local membersKey, infoKey = KEYS[1], KEYS[2]
local id, member, forgottenAfterMs = ARGV[2], ARGV[3], tonumber(ARGV[4])
local FORGOTTEN_AT_ONCE = 100

local forgotten = redis.call(
  'ZRANGEBYSCORE',
  membersKey,
  '-inf',
  now - forgottenAfterMs,
  'LIMIT',
  0,
  FORGOTTEN_AT_ONCE
)
if #forgotten > 0 then
  redis.call('HDEL', infoKey, unpack(forgotten))
  redis.call('ZREM', membersKey, unpack(forgotten))
end
redis.call('HSET', infoKey, id, member)
redis.call('ZADD', membersKey, now, id)
return { 'noted' }
