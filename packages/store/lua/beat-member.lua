--[[
Note that a process is alive, and forget those that have been dead for long. The first engine after a time without any
makes the fleet ACTIVE again, and is told for how long nobody was there.

KEYS[1]  <prefix>:{fleet}:members zset: member id -> moment of the last beat
KEYS[2]  <prefix>:{fleet}:info hash: member id -> JSON
KEYS[3]  <prefix>:{fleet}:engines zset: member id -> moment of the last beat, of those that carry runs on
KEYS[4]  <prefix>:{fleet}:state hash: mode, generation, at, by, how, gapMs, beatAt
ARGV[1]  clock of a test, ms, '' = the server's
ARGV[2]  member id
ARGV[3]  member, JSON
ARGV[4]  silence after which a member is forgotten, ms
ARGV[5]  silence after which a member is dead, ms
ARGV[6]  '1' = an engine

Replies: { 'noted', moment of the change to ACTIVE, how: first | clean | unclean, gap, ms } for who made that change
Retry: notes a later beat; the same reply for who made the change.
Complexity: O(log members)
]]
-- @include server-clock
local membersKey, infoKey, enginesKey, stateKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, member, forgottenAfterMs, deadAfterMs =
  ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local isEngine = ARGV[6] == '1'
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
local isAlone = redis.call('ZCOUNT', enginesKey, now - deadAfterMs, '+inf') == 0
local mode, at, by, how, gapMs, beatAt =
  unpack(redis.call('HMGET', stateKey, 'mode', 'at', 'by', 'how', 'gapMs', 'beatAt'))
if #forgotten > 0 then
  redis.call('HDEL', infoKey, unpack(forgotten))
  redis.call('ZREM', membersKey, unpack(forgotten))
  redis.call('ZREM', enginesKey, unpack(forgotten))
end
redis.call('HSET', infoKey, id, member)
redis.call('ZADD', membersKey, now, id)
if not isEngine then
  return { 'noted', 0, '', 0 }
end
if isAlone then
  how, gapMs = 'first', 0
  if mode == 'QUIESCED' or mode == 'LEFT' then
    how, gapMs = 'clean', math.max(0, now - at)
  elseif beatAt then
    how, gapMs = 'unclean', math.max(0, now - beatAt)
  end
  at, by = now, id
  redis.call('HSET', stateKey, 'mode', 'ACTIVE', 'at', at, 'by', by, 'how', how, 'gapMs', gapMs)
end
redis.call('ZADD', enginesKey, now, id)
redis.call('HSET', stateKey, 'beatAt', now)
if by ~= id then
  return { 'noted', 0, '', 0 }
end
return { 'noted', tonumber(at), how, tonumber(gapMs) }
