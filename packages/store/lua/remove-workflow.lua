--[[
Remove one version of a workflow definition, and its name with the last one.

KEYS[1]  <prefix>:{def}:workflow:<name> hash: version -> definition JSON
KEYS[2]  <prefix>:{def}:workflows set of names
KEYS[3]  <prefix>:{def}:stamp string: names the definitions as they are
ARGV[1]  name
ARGV[2]  version
ARGV[3]  another stamp than every one before

Replies: { 'removed' } | { 'absent' }
Retry: absent.
Complexity: O(1)
]]
local versionsKey, namesKey, stampKey = KEYS[1], KEYS[2], KEYS[3]
local name, version, stamp = ARGV[1], ARGV[2], ARGV[3]

local isRemoved = redis.call('HDEL', versionsKey, version) == 1
if redis.call('EXISTS', versionsKey) == 0 then
  redis.call('SREM', namesKey, name)
end
if isRemoved then
  redis.call('SET', stampKey, stamp)
end
return { isRemoved and 'removed' or 'absent' }
