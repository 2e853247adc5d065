--[[
Take letters to other runs out of the outbox: they have reached their receivers.

KEYS[1..16] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7..]   letter ids

Replies: { 'gone' } | { 'acknowledged' }
Retry: acknowledged; nothing is written.
Complexity: O(letters)
]]
-- @include record
local FIRST = 7
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
end
assertTypes(k, { 'outbox', 'unsent', 'expiry' })

local count = 0
for i = FIRST, #ARGV do
  if redis.call('HDEL', k.outbox, ARGV[i]) == 1 then
    count = count + 1
    redis.call('ZREM', k.unsent, runId .. ' ' .. ARGV[i])
    redis.call('ZREM', k.watch, 'letter:' .. ARGV[i])
  end
end
if count > 0 then
  deriveAttention(k, r)
end
return { 'acknowledged' }
