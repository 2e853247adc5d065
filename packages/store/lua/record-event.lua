--[[
Append an event that changes nothing else.

KEYS[1..15] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     event, JSON

Replies: { 'recorded' } | { 'gone' }
Retry: records it once more; who minds compares with the last event.
Complexity: O(1)
]]
-- @include record
local event = ARGV[7]
local k = bindRun(runId, 5)
local r = readRecord(k)
if not r then
  return { 'gone' }
end
addEvent(k, r, event)
saveRecord(k, r)
return { 'recorded' }
