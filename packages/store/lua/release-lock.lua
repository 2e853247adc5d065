--[[
Free a lock if it is still held by this token.

KEYS[1] lock key
ARGV[1] token of the grant

Replies: { 'released' } | { 'lost' }
Retry: answers lost, and touches nobody else's lock.
Complexity: O(1)
]]
local lockKey = KEYS[1]
local token = ARGV[1]

if redis.call('GET', lockKey) ~= token then
  return { 'lost' }
end
redis.call('DEL', lockKey)
return { 'released' }
