--[[
Store the result of an attempt. It may carry the decision that follows from it: applied in the same step if nothing
that it was made on has changed, else the result is stored alone, counted for its joins, and makes the run dirty unless
it can change nothing yet.

KEYS[1..16] the run's, by lib/run-keys.lua
KEYS[17]    the blob that the output names, if any
KEYS[18..]  blobs that the payloads of the decision name
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     task key            ARGV[8]  attempt       ARGV[9]  token of the claim, '' = unclaimed
ARGV[10]    status of the result                       ARGV[11] reason
ARGV[12]    output, JSON text or @<blob>               ARGV[13] number of KEYS without those of the decision
ARGV[14]    number of the decision that it follows, '' = no decision is carried
ARGV[15]    nonce of that one                          ARGV[16] its own nonce
ARGV[17]    open tasks that it presumes, '' = any      ARGV[18] 1 = it has more to do
ARGV[19]    change of the number of open tasks
ARGV[20..]  commands, by lib/apply-commands.lua

Replies: { 'gone' } | { 'stale' } | { 'stored', isDirty } | { 'repeated', isDirty }
  | { 'decided', isDirty, version, status, moment }: the decision was applied, now or by an earlier call
Retry: decided while no other decision has followed, else repeated; nothing is written.
Complexity: O(joins of the task + commands)
]]
-- @include decisions
-- @include results
local key, attempt, token = ARGV[7], tonumber(ARGV[8]), ARGV[9]
local status, reason, output, ownKeys = ARGV[10], ARGV[11], ARGV[12], tonumber(ARGV[13])
local decision, nonce, nextNonce = tonumber(ARGV[14]), ARGV[15], ARGV[16]
local presumedOpen, hasMore, openDelta = tonumber(ARGV[17]), ARGV[18] == '1', tonumber(ARGV[19])
local firstCommand, firstBlob = 20, 17
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
end
reads.tasks[1], reads.data[1] = key, 'o:' .. key
readAll(k, firstCommand)
local row = parseRow(k, key, reads.tasks[key])
if not row or row.attempt ~= attempt or row.token ~= token then
  return { 'stale' }
elseif isTerminalTask(row.status) then
  if decision and r.nonce == nextNonce then
    return { 'decided', r.dirty > r.seen and 1 or 0, r.decidedVersion, r.status, r.lastDecidedAt }
  end
  return { 'repeated', r.dirty > r.seen and 1 or 0 }
elseif isTerminalRun(r.status) or r.closing ~= '' then
  return { 'stale' }
end
if mayHaveLetter(row.status) then
  assertTypes(k, LETTER_KEYS)
end
local oldOutput, result = reads.data['o:' .. key], resultOf(row, status, reason)

local carries = decision
  and r.status == 'RUNNING'
  and not refusalOf(r, decision, nonce)
  and (not presumedOpen or presumedOpen == r.open)
  and areAsPresumed(k, firstCommand)
checkBlobs(firstBlob, carries and #KEYS or ownKeys)
if not carries then
  assertTypes(k, TODO_KEYS)
  storeAlone(k, r, row, result)
  keepBlobs(firstBlob, ownKeys)
  putPayload(k, 'o:' .. key, oldOutput, output)
  saveRecord(k, r)
  return { 'stored', r.dirty > r.seen and 1 or 0 }
end

putPayload(k, 'o:' .. key, oldOutput, output)
addEvent(k, r, result.event)
noteDecision(r, nextNonce, r.fenceIssued + 1, openDelta)
writeCommands(k, r, firstCommand, firstBlob)
if hasMore then
  markDirty(r)
end
noteEnd(k, r, false)
setField(r, 'decidedVersion', r.version)
saveRecord(k, r)
return { 'decided', r.dirty > r.seen and 1 or 0, r.version, r.status, now }
