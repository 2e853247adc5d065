--[[
Store the result of an attempt, count it for its joins, and make the run dirty unless it can change nothing yet.

KEYS[1..15] the run's, by lib/run-keys.lua
KEYS[16]    the blob that the output names, if any
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     task key            ARGV[8]  attempt       ARGV[9]  token of the claim, '' = unclaimed
ARGV[10]    status of the result                       ARGV[11] reason
ARGV[12]    output, JSON text or @<blob>

Replies: { 'gone' } | { 'stale' } | { 'stored', isDirty } | { 'repeated', isDirty }
Retry: repeated; nothing is written.
Complexity: O(joins of the task)
]]
-- @include apply-commands
local key, attempt, token = ARGV[7], tonumber(ARGV[8]), ARGV[9]
local status, reason, output = ARGV[10], ARGV[11], ARGV[12]
local firstBlob, NO_COMMANDS = 16, #ARGV + 1
local k = bindRun(runId, 5)
local r = readRecord(k)
if not r then
  return { 'gone' }
elseif isTerminalRun(r.status) or r.closing ~= '' then
  return { 'stale' }
end
local row = readRow(k, key)
if not row or row.attempt ~= attempt or row.token ~= token then
  return { 'stale' }
elseif isTerminalTask(row.status) then
  return { 'repeated', r.dirty > r.seen and 1 or 0 }
end
checkCommands(k, NO_COMMANDS, firstBlob)

-- Only success counts, and only an arrival that may complete a join, or the run, needs a decision.
local isSuccess = status == 'COMPLETED'
local isQuiet, counts = isSuccess and row.isTail == true and r.open - 1 > 0, {}
for join, expected in pairs(isSuccess and row.joins or {}) do
  local count = tonumber(redis.call('HGET', k.joins, join) or 0)
  if not count or type(expected) ~= 'number' then
    error('CORRUPT ' .. k.joins .. ' has no count of ' .. join)
  end
  counts[join] = count + 1 - redis.call('HEXISTS', k.joins, join .. '\0' .. key)
  isQuiet = isQuiet and counts[join] < expected
end

disarmTask(k, key)
if isSuccess then
  redis.call('ZREM', k.timers, 'total:' .. key)
end
writes.D(k, r, 'o:' .. key, output)
writeCommands(k, r, NO_COMMANDS, firstBlob)
for join, count in pairs(counts) do
  redis.call('HSET', k.joins, join .. '\0' .. key, 1, join, count)
end
local event =
  { type = 'task.completed', key = key, attempt = attempt, status = status, token = token }
event.reason = reason
addEvent(k, r, cjson.encode(event))
row.status, row.endedAt, row.reason = status, now, reason
if isQuiet then
  row.isSettled = true
  setField(r, 'open', r.open - 1)
else
  redis.call('ZADD', k.todo, r.version, key)
  markDirty(r)
end
writeRow(k, row)
saveRecord(k, r)
return { 'stored', r.dirty > r.seen and 1 or 0 }
