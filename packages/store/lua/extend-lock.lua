--[[
Renew the lease of a lock that is still held by this token.

KEYS[1] lock key
ARGV[1] token of the grant
ARGV[2] lease from now, ms

Replies: { 'extended' } | { 'lost' }
Retry: the lease starts anew.
Complexity: O(1)
]]
local lockKey = KEYS[1]
local token, leaseMs = ARGV[1], ARGV[2]

if redis.call('GET', lockKey) ~= token then
  return { 'lost' }
end
redis.call('PEXPIRE', lockKey, leaseMs)
return { 'extended' }
