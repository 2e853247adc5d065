--[[
Ask for a place at the gate of a task type: it is given at once, or the asker waits in line and is called.

KEYS[1..7]  the gate's, by lib/gate.lua
ARGV[1]     clock of a test, ms, '' = the server's   ARGV[2]  gate
ARGV[3]     member: one attempt of one task          ARGV[4]  token of the claim to come
ARGV[5]     places, 0 = any number                   ARGV[6]  starts in a window, 0 = any number
ARGV[7]     length of the window, ms                 ARGV[8]  digest of the concurrency key, 40 characters, '' = none
ARGV[9]     places of that key                       ARGV[10] lease, ms
ARGV[11]    job to be called with, JSON              ARGV[12] 1 = take the place of an earlier delivery

Replies: { 'entered', 1 = the place is the token's, 0 = an earlier delivery has it and leaves it to us, jobs to be called }
  | { 'waiting', jobs to be called }
Retry: entered again with a fresh lease, or waiting at the same place.
Complexity: O(log members)
]]
-- @include gate
local member, token = ARGV[3], ARGV[4]
local key, keyMax, leaseMs = ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10])
local job, isForced = ARGV[11], ARGV[12] == '1'
limits = { max = tonumber(ARGV[5]), rate = tonumber(ARGV[6]), perMs = tonumber(ARGV[7]) }
writeEntry('@', limits)
purge()

local entry = readEntry(member)
if not entry then
  entry = { key = key, keyMax = keyMax, at = now, token = '', job = job }
  if key == '' then
    redis.call('ZADD', lineKey, now, member)
  elseif (tonumber(redis.call('HGET', takenKey, key)) or 0) >= keyMax then
    redis.call('ZADD', keyedKey, 0, keyedName(member, entry))
  else
    redis.call('HINCRBY', takenKey, key, 1)
    redis.call('ZADD', lineKey, now, member)
  end
  writeEntry(member, entry)
end
local jobs = promote(member)
local isHeld = redis.call('ZSCORE', heldKey, member)
local isOurs = isHeld and (entry.token == '' or entry.token == token or isForced)
if isOurs then
  entry.token, entry.next = token, nil
  writeEntry(member, entry)
  redis.call('ZADD', heldKey, now + leaseMs, member)
elseif isHeld then
  entry.next = token
  writeEntry(member, entry)
end
setDue()
if isHeld then
  return { 'entered', isOurs and 1 or 0, jobs }
end
return { 'waiting', jobs }
