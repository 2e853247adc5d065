--[[
Give back a place at a gate, or leave its line; the next ones are called.

KEYS[1..7]  the gate's, by lib/gate.lua
ARGV[1]     clock of a test, ms, '' = the server's   ARGV[2]  gate
ARGV[3]     member                                   ARGV[4]  token of the claim that had the place, '' = it was not claimed

Replies: { 'left', jobs to be called } | { 'kept', jobs to be called }: another delivery has the place, or nobody
Retry: kept; who was called by the first call has its place for 10 s.
Complexity: O(log members)
]]
-- @include gate
local member, token = ARGV[3], ARGV[4]
local entry = readEntry(member)
local isLeft = entry ~= nil and member ~= '@' and entry.token == token
if isLeft and entry.next then
  -- A later delivery of the attempt has come already, and may have its claim: nobody else gets the place.
  entry.token, entry.next = entry.next, nil
  writeEntry(member, entry)
  redis.call('ZADD', heldKey, now + RESERVED, member)
elseif isLeft then
  local waited = redis.call('ZREM', keyedKey, keyedName(member, entry))
  redis.call('ZREM', heldKey, member)
  redis.call('ZREM', lineKey, member)
  redis.call('HDEL', entriesKey, member)
  if waited == 0 then
    freeKey(entry)
  end
elseif entry and member ~= '@' and entry.next == token then
  entry.next = nil
  writeEntry(member, entry)
end
purge()
local jobs = promote('')
setDue()
return { isLeft and 'left' or 'kept', jobs }
