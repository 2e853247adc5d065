--[[
Change what the index holds of a run, unless somebody else has changed it since.

KEYS[1]   <prefix>:{ix-<n>}:entries hash: run id -> entry, JSON
KEYS[2..] sets that the run leaves, then those that it is to be in: zset place -> 0
ARGV[1]   run id
ARGV[2]   entry as it was seen, '' = none     ARGV[3] entry from now on, '' = none
ARGV[4]   place in the sets that it leaves    ARGV[5] place in the others
ARGV[6]   number of sets that it leaves

Replies: { 'put' } | { 'changed' }: nothing was written
Retry: put; nothing is written.
Complexity: O(sets · log runs)
]]
local entriesKey = KEYS[1]
local runId, seen, entry = ARGV[1], ARGV[2], ARGV[3]
local oldPlace, place, leaveCount = ARGV[4], ARGV[5], tonumber(ARGV[6])

local found = redis.call('HGET', entriesKey, runId) or ''
if found == entry then
  return { 'put' }
elseif found ~= seen then
  return { 'changed' }
end
for i = 2, #KEYS do
  if i < 2 + leaveCount then
    redis.call('ZREM', KEYS[i], oldPlace)
  else
    redis.call('ZADD', KEYS[i], 0, place)
  end
end
if entry == '' then
  redis.call('HDEL', entriesKey, runId)
else
  redis.call('HSET', entriesKey, runId, entry)
end
return { 'put' }
