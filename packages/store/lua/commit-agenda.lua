--[[
Change one entry of the agenda: its state, the moment of its next look, its log.

KEYS[1]  <prefix>:{<name>}:entries hash: id -> `<revision> <JSON>`
KEYS[2]  <prefix>:{<name>}:due zset: id -> moment of the next look
KEYS[3]  <prefix>:{<name>}:log:<id> list of JSON, newest first, capped
ARGV[1]  id
ARGV[2]  revision that was read, '' = there must be none
ARGV[3]  revision of this change
ARGV[4]  state, JSON; '' removes the entry
ARGV[5]  moment of the next look, ms, '' = none
ARGV[6]  longest log
ARGV[7..] lines for the log, JSON

Replies: { 'committed' } | { 'conflict' }
Retry: committed; nothing is written.
Complexity: O(log entries + lines)
]]
local entriesKey, dueKey, logKey = KEYS[1], KEYS[2], KEYS[3]
local id, from, revision = ARGV[1], ARGV[2], ARGV[3]
local state, dueAt, logLimit = ARGV[4], ARGV[5], tonumber(ARGV[6])

local stored = redis.call('HGET', entriesKey, id)
-- A key of another type must show before the first write.
redis.call('ZCARD', dueKey)
redis.call('LLEN', logKey)
local found = stored and string.match(stored, '^(%S+) ') or ''
if found == revision or (state == '' and found == '') then
  return { 'committed' }
elseif found ~= from then
  return { 'conflict' }
end
redis.call('ZREM', dueKey, id)
if state == '' then
  redis.call('HDEL', entriesKey, id)
  redis.call('DEL', logKey)
  return { 'committed' }
end
redis.call('HSET', entriesKey, id, revision .. ' ' .. state)
if dueAt ~= '' then
  redis.call('ZADD', dueKey, tonumber(dueAt), id)
end
for index = 7, #ARGV do
  redis.call('LPUSH', logKey, ARGV[index])
end
redis.call('LTRIM', logKey, 0, logLimit - 1)
return { 'committed' }
