--[[
Send an attempt again under a new dispatch number; no retry is burnt.

KEYS[1..16] the run's, by lib/run-keys.lua
KEYS[17]    the blob that the output names, if any
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     task key            ARGV[8]  attempt       ARGV[9]  dispatch that is presumed lost
ARGV[10]    token of the claim that is handed back, '' = the attempt is unclaimed or its lease has ended
ARGV[11]    kind of repair, '' = handed back           ARGV[12] delay before the next claim, ms
ARGV[13]    token for a claim of poison                ARGV[14] lease of that claim, ms
ARGV[15]    what its worker has so far, JSON text or @<blob>: it wants to be asked again, and the delivery does not count;
            '' = the delivery was in vain

Replies: { 'gone' } | { 'unchanged' } | { 'redelivered', letter JSON } | { 'poison', token, deliveries }
Retry: unchanged, since the dispatch number has grown.
Complexity: O(log timers)
]]
-- @include claims
-- @include payloads
local key, attempt, dispatch, token = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local repair, delayMs, poisonToken, leaseMs =
  ARGV[11], tonumber(ARGV[12]), ARGV[13], tonumber(ARGV[14])
local output, firstBlob = ARGV[15], 17
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
elseif isTerminalRun(r.status) or r.closing ~= '' then
  return { 'unchanged' }
end
local row = readRow(k, key)
if not row or row.attempt ~= attempt or row.dispatch ~= dispatch or isTerminalTask(row.status) then
  return { 'unchanged' }
end
local isHolder = token ~= '' and row.token == token
if
  token ~= '' and not isHolder
  or (row.status == 'IN_PROGRESS' and not isHolder and isLeased(k, key))
then
  return { 'unchanged' }
end
if output == '' and row.deliveries >= row.maxDeliveries then
  return takePoison(k, r, row, poisonToken, leaseMs)
end

-- The time to be polled runs on from the first dispatch; after a claim it begins anew.
local pollAt = redis.call('ZSCORE', k.timers, 'poll:' .. key)
assertTypes(k, LETTER_KEYS)
local oldOutput
if output ~= '' then
  oldOutput = redis.call('HGET', k.data, 'o:' .. key)
  checkBlobs(firstBlob, #KEYS)
end
disarmTask(k, key, mayHaveLetter(row.status))
if row.pollTimeoutMs > 0 then
  editScore(k.timers, 'poll:' .. key, pollAt or now + row.pollTimeoutMs)
end
if delayMs > 0 then
  editScore(k.timers, 'delay:' .. key, now + delayMs)
end
row.status, row.token, row.dispatch = 'SCHEDULED', '', dispatch + 1
if output ~= '' then
  row.maxDeliveries = row.maxDeliveries + 1
  keepBlobs(firstBlob, #KEYS)
  putPayload(k, 'o:' .. key, oldOutput, output)
end
writeRow(k, row)
local letter = { type = 'dispatch', key = key, ref = row.ref, taskType = row.queue or row.name }
letter.attempt = attempt
letter.dispatch, letter.priority, letter.limits = row.dispatch, row.priority, row.limits
putLetter(k, 'dispatch:' .. key, key, cjson.encode(letter))
local why = repair == '' and 'handed-back' or repair
addEvent(k, r, cjson.encode({ type = 'task.redelivered', key = key, attempt = attempt, why = why }))
if repair ~= '' then
  addEvent(k, r, cjson.encode({ type = 'repair.found', kind = repair, key = key }))
end
saveRecord(k, r)
return { 'redelivered', cjson.encode(letter) }
