--[[
Read what a decision about a run needs first, issue a fence for it, and take the run's lock.

KEYS[1..16] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     1 = load although nothing seems to be due
ARGV[8]     token of the lock, '' = none is taken here
ARGV[9]     lease of the lock, ms
ARGV[10]    a run that has waited longer than this is loaded without the lock, ms; 0 and no token = at once
ARGV[11]    1 = nothing else is evaluated beside it

Replies: { 'gone' } | { 'clean', status } | { 'busy', ms that the run has waited }
  | { 'slice', now, fence, loads, { isFullDue, hasLock, more to-do keys, more open rows }, record as name, value, …,
      to-do keys, due timers, rows as key, text or nil, …, open rows as key, text, … }
Retry: loads again under a new fence; the same token keeps the lock.
Complexity: O(page)
]]
-- @include slice-rows
local isForced, lockToken, leaseMs, overtakeAfterMs, isAlone =
  ARGV[7] == '1', ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11] == '1'
local PAGE, SUSPECT_LOADS = 256, 3
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
end

local isRunning, isEnded = r.status == 'RUNNING', isTerminalRun(r.status)
local isDirty = r.dirty > r.seen
local due, dueSince = {}, nil
if isRunning then
  due = redis.call('ZRANGEBYSCORE', k.timers, '-inf', now, 'LIMIT', 0, PAGE)
  dueSince = due[1] and tonumber(redis.call('ZSCORE', k.timers, due[1]))
end
local isWanted = isRunning and (isDirty or #due > 0) or r.full == '1' or r.closing ~= ''
if not isForced and (isEnded or not isWanted) then
  return { 'clean', r.status }
end

local hasLock = false
if lockToken ~= '' then
  local holder = redis.call('GET', k.lock)
  hasLock = not holder or holder == lockToken
end
local isPatient = lockToken ~= '' or overtakeAfterMs > 0
local since = isDirty and r.dirtyAt
  or dueSince
  or r.closing ~= '' and r.lastDecidedAt
  or r.full == '1' and r.fullAt
  or now
if isPatient and not hasLock and now - since <= overtakeAfterMs then
  return { 'busy', now - since }
end

local todo = redis.call('ZRANGE', k.todo, 0, PAGE - 1)
local hasMoreTodo = redis.call('ZCARD', k.todo) > PAGE and 1 or 0
local openRows, hasMoreOpen = {}, 0
if r.closing ~= '' then
  openRows, hasMoreOpen = readOpenRows(k, r, PAGE)
end
local rows = readActiveRows(k, todo, due)

if hasLock then
  redis.call('SET', k.lock, lockToken, 'PX', leaseMs)
end
setField(r, 'fenceIssued', r.fenceIssued + 1)
if isAlone or r.loads < SUSPECT_LOADS then
  setField(r, 'loads', r.loads + 1)
end
writeFields(k, r)
deriveAttention(k, r)
local flags = { r.full == '1' and 1 or 0, hasLock and 1 or 0, hasMoreTodo, hasMoreOpen }
local record = redis.call('HGETALL', k.run)
return { 'slice', now, r.fenceIssued, r.loads, flags, record, todo, due, rows, openRows }
