--[[
Create a run together with its first decision, or find the run that its idempotency key names.

KEYS[1..16] the run's, by lib/run-keys.lua
KEYS[17]    <p>:idem:<hash> string: id of the run that owns the idempotency key, and once it is purged `<id> <status>
            <moment until which it is remembered, ms>`; unused without a key
KEYS[18]    record of the run that KEYS[17] was last seen to name; KEYS[17] again when none
KEYS[19..]  blobs that the payloads name
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     nonce of the first decision
ARGV[8]     1 = the first decision has more to do
ARGV[9]     hash of the idempotency key, '' = none
ARGV[10]    run id that KEYS[17] was last seen to name, '' = none
ARGV[11]    change of the number of open tasks
ARGV[12]    definition      ARGV[13] origin, JSON: what is fixed of the record
ARGV[14..]  commands, by lib/apply-commands.lua

Replies: { 'started' } | { 'exists', run id, status }
  | { 'named', run id }: the key names a run whose record was not among KEYS: call again with it
Retry: started again; nothing is written.
Complexity: O(commands)
]]
-- @include apply-commands
local idemKey, namedRunKey, firstBlob = KEYS[17], KEYS[18], 19
local nonce, hasMore, idemHash, seenName = ARGV[7], ARGV[8] == '1', ARGV[9], ARGV[10]
local openDelta, definition, origin, firstCommand = tonumber(ARGV[11]), ARGV[12], ARGV[13], 14
local k = bindRun(runId)

assertTypes(k, { 'runs', 'moved', 'attention', 'timers', 'watch' })
if redis.call('HLEN', k.run) > 0 then
  return { 'started' }
end
local named = idemHash ~= '' and redis.call('GET', idemKey)
local purged, endedAs, knownUntil = (named or ''):match('^(%S+) (%S+) (%d+)$')
if purged and tonumber(knownUntil) > now then
  return { 'exists', purged, endedAs }
elseif named and not purged and named ~= runId then
  if named ~= seenName then
    return { 'named', named }
  end
  local state = redis.call('HGET', namedRunKey, 'state')
  if state then
    return { 'exists', named, decodeState({ run = namedRunKey }, state).status }
  end
end
if redis.call('LLEN', k.history) > 0 or not checkCommands(k, firstCommand, firstBlob) then
  error('CORRUPT ' .. k.run .. ' is absent, its tasks or history are not')
end

local r = freshState()
setField(r, 'status', 'RUNNING')
r.nonce, r.decision, r.open, r.cancelCursor = nonce, 1, openDelta, '0'
r.dirty, r.dirtyAt = hasMore and 1 or 0, hasMore and now or 0
r.createdAt, r.lastDecidedAt, r.fullAt = now, now, now
setOwnField(r, 'definition', definition)
setOwnField(r, 'origin', origin)
if idemHash ~= '' then
  setOwnField(r, 'idem', idemHash)
end
writeCommands(k, r, firstCommand, firstBlob)
if idemHash ~= '' then
  redis.call('SET', idemKey, runId)
end
if isTerminalRun(r.status) then
  setField(r, 'endedAt', now)
end
redis.call('ZADD', k.runs, now, runId)
saveRecord(k, r)
return { 'started' }
