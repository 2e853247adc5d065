--[[
Take one attempt of a task for a worker.

KEYS[1..16] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     task key        ARGV[8]  attempt       ARGV[9]  dispatch
ARGV[10]    token of the claim                     ARGV[11] worker
ARGV[12]    lease, ms

Replies: { 'gone' } | { 'stale' } | { 'held', worker } | { 'early', ms to wait } | { 'poison', token, deliveries }
  | { 'claimed', row text, input text or nil, fencing token, record as name, value, … }
Retry: claimed again (or poison) by the same token, which only a claim of poison holds without a fence; nothing is written.
Complexity: O(log timers)
]]
-- @include claims
local key, attempt, dispatch = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local token, worker, leaseMs = ARGV[10], ARGV[11], tonumber(ARGV[12])
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
elseif isTerminalRun(r.status) or r.closing ~= '' then
  return { 'stale' }
end
local row = readRow(k, key)
if not row or row.attempt ~= attempt or isTerminalTask(row.status) then
  return { 'stale' }
end

assertTypes(k, LETTER_KEYS)
local input = redis.call('HGET', k.data, 'i:' .. key)
local function claimed(text)
  return { 'claimed', text, input, row.fencingToken, redis.call('HGETALL', k.run) }
end

if row.status == 'IN_PROGRESS' then
  if row.token == token then
    if not row.fencingToken then
      return { 'poison', token, row.deliveries }
    end
    return claimed(redis.call('HGET', k.tasks, key))
  elseif isLeased(k, key) then
    return { 'held', row.worker or '' }
  end
end
if row.dispatch ~= dispatch then
  return { 'stale' }
end
local startsAt = tonumber(redis.call('ZSCORE', k.timers, 'delay:' .. key))
if startsAt and startsAt > now then
  return { 'early', startsAt - now }
end
row.worker = worker
if row.deliveries >= row.maxDeliveries then
  return takePoison(k, r, row, token, leaseMs)
end

takeRow(k, row, token, leaseMs)
row.deliveries, row.startedAt = row.deliveries + 1, now
if row.timeoutMs > 0 then
  editScore(k.timers, 'timeout:' .. key, now + row.timeoutMs)
end
if row.responseTimeoutMs > 0 then
  editScore(k.timers, 'response:' .. key, now + row.responseTimeoutMs)
end
local event =
  { type = 'task.started', key = key, attempt = attempt, worker = worker, token = token }
event.delivery = row.deliveries
addEvent(k, r, cjson.encode(event))
row.fencingToken = r.version
local text = writeRow(k, row)
saveRecord(k, r)
return claimed(text)
