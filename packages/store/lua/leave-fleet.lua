--[[
Take a process out of the fleet; the last engine says so, in the same step.

KEYS[1]  <prefix>:{fleet}:members zset: member id -> moment of the last beat
KEYS[2]  <prefix>:{fleet}:info hash: member id -> JSON
KEYS[3]  <prefix>:{fleet}:engines zset: member id -> moment of the last beat, of those that carry runs on
KEYS[4]  <prefix>:{fleet}:state hash: mode, generation, at, by
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  member id
ARGV[3]  silence after which a member is dead, ms
ARGV[4]  mode that the last engine leaves behind: QUIESCED | LEFT

Replies: { 'left', number of live members, 1 = it was the last engine, generation }
Retry: the same reply.
Complexity: O(log members)
]]
-- @include server-clock
local membersKey, infoKey, enginesKey, stateKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, deadAfterMs, modeAfter = ARGV[2], tonumber(ARGV[3]), ARGV[4]

local known, by, generation = unpack(redis.call('HMGET', stateKey, 'mode', 'by', 'generation'))
redis.call('HDEL', infoKey, id)
redis.call('ZREM', membersKey, id)
local wasEngine = redis.call('ZREM', enginesKey, id) == 1
local live = redis.call('ZCOUNT', membersKey, now - deadAfterMs, '+inf')
local engines = redis.call('ZCOUNT', enginesKey, now - deadAfterMs, '+inf')
if wasEngine and engines == 0 then
  redis.call('HSET', stateKey, 'mode', modeAfter, 'at', now, 'by', id)
  return { 'left', live, 1, redis.call('HINCRBY', stateKey, 'generation', 1) }
end
local wasLast = known ~= 'ACTIVE' and by == id
return { 'left', live, wasLast and 1 or 0, tonumber(generation or 0) }
