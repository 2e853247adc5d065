--[[
Take a lock that is free, in the form that the Redlock library uses: a string key that holds the token.

KEYS[1] lock key
ARGV[1] token of this grant, 32 hex digits
ARGV[2] lease, ms

Replies: { 'granted' } | { 'taken' }
Retry: the same token is granted again with a fresh lease, so a resent call cannot block itself.
Complexity: O(1)
]]
local lockKey = KEYS[1]
local token, leaseMs = ARGV[1], ARGV[2]

local holder = redis.call('GET', lockKey)
if holder and holder ~= token then
  return { 'taken' }
end
redis.call('SET', lockKey, token, 'PX', leaseMs)
return { 'granted' }
