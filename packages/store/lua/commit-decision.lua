--[[
Apply a decision: all of it, or nothing when something that it was made on has changed.

KEYS[1..16] the run's, by lib/run-keys.lua
KEYS[17..]  blobs that the payloads name
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     number of the decision that it follows       ARGV[8]  nonce of that one
ARGV[9]     dirty counter that it has seen               ARGV[10] fence of its load
ARGV[11]    its own nonce                                ARGV[12] 1 = it has more to do
ARGV[13]    1 = it was a full evaluation, 2 = that found the run calm
ARGV[14]    id of the operation, '' = none
ARGV[15]    token of the lock, '' = none                 ARGV[16] lease when it is kept, ms
ARGV[17]    change of the number of open tasks
ARGV[18..]  commands, by lib/apply-commands.lua

Replies: { 'gone' } | { 'committed', version, status, isDirty } | { 'repeated', status, isDirty }
  | { 'refused', 'decision' | 'fence' | 'task' }: nothing was written
Retry: repeated, by its own nonce or by the operation's id.
Complexity: O(commands)
]]
-- @include decisions
local decision, nonce, seen, fence =
  tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10])
local nextNonce, hasMore, wasFull, requestId = ARGV[11], ARGV[12] == '1', ARGV[13] ~= '0', ARGV[14]
local lockToken, leaseMs, openDelta = ARGV[15], ARGV[16], tonumber(ARGV[17])
local firstCommand, firstBlob, OPS_KEPT = 18, 17, 32
local k = bindRun(runId)
local r = readRecord(k)
if not r then
  return { 'gone' }
end

local known = requestId ~= '' and redis.call('HGET', k.run, 'ops')
local ops, isKnownOp = known and cjson.decode(known) or {}, false
for _, id in ipairs(ops) do
  isKnownOp = isKnownOp or id == requestId
end
if r.nonce == nextNonce or isKnownOp then
  return { 'repeated', r.status, r.dirty > r.seen and 1 or 0 }
end
local refusal = refusalOf(r, decision, nonce, fence)
if refusal then
  return { 'refused', refusal }
elseif not checkCommands(k, firstCommand, firstBlob) then
  return { 'refused', 'task' }
end
local holdsLock = lockToken ~= '' and redis.call('GET', k.lock) == lockToken

local wasEnded = isTerminalRun(r.status)
noteDecision(r, nextNonce, fence, openDelta)
writeCommands(k, r, firstCommand, firstBlob)
if hasMore and r.dirty <= r.seen then
  markDirty(r) -- the rest of the decision must not wait for the next thing that happens
elseif not hasMore then
  setField(r, 'seen', math.max(r.seen, math.min(seen, r.dirty)))
end
setField(r, 'dirtyAt', r.dirty > r.seen and now or 0)
if wasFull then
  setField(r, 'full', '')
  -- Nothing was left to do: what changes nothing has its fingerprint at once.
  local isCalm = ARGV[13] == '2' and firstCommand > #ARGV and not hasMore and r.dirty <= r.seen
  setField(r, 'calm', isCalm and fingerprintOf(k, r) or '')
end
if requestId ~= '' then
  ops[#ops + 1] = requestId
  setOwnField(r, 'ops', cjson.encode({ unpack(ops, math.max(1, #ops - OPS_KEPT + 1)) }))
end

local isEnded, isDirty = noteEnd(k, r, wasEnded), r.dirty > r.seen
if holdsLock and not isEnded and isDirty then
  redis.call('PEXPIRE', k.lock, leaseMs)
elseif holdsLock then
  redis.call('DEL', k.lock)
end
saveRecord(k, r)
return { 'committed', r.version, r.status, isDirty and 1 or 0 }
