--[[
Renew places at a gate.

KEYS[1..7]  the gate's, by lib/gate.lua
ARGV[1]     clock of a test, ms, '' = the server's   ARGV[2]  gate
ARGV[3..]   of each place: member, token of its claim, lease ms

Replies: a list of 1 = renewed, 0 = lost, in the order of the places
Retry: renews again.
Complexity: O(places)
]]
-- @include gate
local WIDTH, FIRST = 3, 3
local replies = {}
for i = FIRST, #ARGV, WIDTH do
  local member, token, leaseMs = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local entry = readEntry(member)
  local isHeld = redis.call('ZSCORE', heldKey, member)
  local isRenewed = isHeld and entry and entry.token == token
  if isRenewed then
    redis.call('ZADD', heldKey, now + leaseMs, member)
  end
  replies[#replies + 1] = isRenewed and 1 or 0
end
setDue()
return replies
