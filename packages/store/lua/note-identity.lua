--[[
Note which server holds the store now; another one than before begins an epoch.

KEYS[1]  <prefix>:{fleet}:epoch hash: identity, epoch
ARGV[1]  identity: the server's run id and its replication id

Replies: { 'noted', epoch, 1 = another server than before }
Retry: the same epoch, no change.
Complexity: O(1)
]]
local epochKey = KEYS[1]
local identity = ARGV[1]

local known = redis.call('HGET', epochKey, 'identity')
if known == identity then
  return { 'noted', tonumber(redis.call('HGET', epochKey, 'epoch')), 0 }
end
redis.call('HSET', epochKey, 'identity', identity)
return { 'noted', redis.call('HINCRBY', epochKey, 'epoch', 1), known and 1 or 0 }
