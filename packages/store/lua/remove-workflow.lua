--[[
Remove one version of a workflow definition, and its name with the last one.

KEYS[1]  <prefix>:{def}:workflow:<name> hash: version -> definition JSON
KEYS[2]  <prefix>:{def}:workflows set of names
ARGV[1]  name
ARGV[2]  version

Replies: { 'removed' } | { 'absent' }
Retry: absent.
Complexity: O(1)
]]
local versionsKey, namesKey = KEYS[1], KEYS[2]
local name, version = ARGV[1], ARGV[2]

local isRemoved = redis.call('HDEL', versionsKey, version) == 1
if redis.call('EXISTS', versionsKey) == 0 then
  redis.call('SREM', namesKey, name)
end
return { isRemoved and 'removed' or 'absent' }
