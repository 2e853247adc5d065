--[[
Append an event that changes nothing else.

KEYS[1..16] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     event, JSON
ARGV[8]     id of the call

Replies: { 'recorded' } | { 'gone' }
Retry: recorded; nothing is written, unless another call has recorded in between.
Complexity: O(1)
]]
-- @include record
local event, recordId = ARGV[7], ARGV[8]
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
elseif redis.call('HGET', k.run, 'recordId') == recordId then
  return { 'recorded' }
end
setOwnField(r, 'recordId', recordId)
addEvent(k, r, event)
saveRecord(k, r)
return { 'recorded' }
