--[[
End a run FAILED without a decision, because its evaluation cannot be made. Works on a run whose tasks cannot be read.

KEYS[1..16] the run's, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     reason

Replies: { 'failed' } | { 'ended' }: it had ended already | { 'gone' }
Retry: ended.
Complexity: O(letters)
]]
-- @include rows
local reason, AUDIT_KEPT = ARGV[7], 10000
local k = bindRun(runId)
for _, name in ipairs({
  'attention',
  'unsent',
  'expiry',
  'moved',
  'audit',
  'run',
  'history',
  'outbox',
  'lock',
}) do
  assertType(k[name], KEY_TYPES[name])
end
if redis.call('EXISTS', k.run) == 0 or redis.call('HEXISTS', k.run, 'purging') == 1 then
  return { 'gone' }
end

-- Counters that cannot be read begin anew: the history says how long it is.
local isRead, r = pcall(decodeState, k, redis.call('HGET', k.run, 'state') or '')
if not isRead then
  r = freshState()
elseif isTerminalRun(r.status) then
  return { 'ended' }
end
r.version = redis.call('LLEN', k.history)
setField(r, 'status', 'FAILED')
setOwnField(r, 'reason', reason)
setField(r, 'closing', '')
setField(r, 'endedAt', now)
-- Refuses every decision that was made on the run as it was; no nonce is empty.
setField(r, 'decision', r.decision + 1)
-- Its tasks are worked on no more. What it has promised to other runs is sent all the same, if it can be read.
local letters = redis.call('HGETALL', k.outbox)
for i = 1, #letters, 2 do
  local letterId, json = letters[i], letters[i + 1]
  local isReadable = json:find('^{"at":%d') and pcall(cjson.decode, json)
  if letterId:sub(1, 9) == 'dispatch:' or not isReadable then
    redis.call('HDEL', k.outbox, letterId)
    redis.call('ZREM', k.unsent, runId .. ' ' .. letterId)
  end
end
redis.call('DEL', k.watch, k.lock)
local isOrigin, origin = pcall(cjson.decode, redis.call('HGET', k.run, 'origin') or '')
local parent = isOrigin and origin.parent
if type(parent) == 'table' and parent.runId then
  local letter = { type = 'notify-parent', to = parent.runId, key = parent.key }
  letter.attempt = parent.attempt
  local letterId = ('notify-parent:%s@%d'):format(parent.key, parent.attempt)
  putLetter(k, letterId, '', cjson.encode(letter))
end
addEvent(k, r, cjson.encode({ type = 'run.ended', status = 'FAILED', reason = reason }))
redis.call(
  'LPUSH',
  k.audit,
  cjson.encode({ at = now, actor = actor, what = 'run.failed', runId = runId, reason = reason })
)
redis.call('LTRIM', k.audit, 0, AUDIT_KEPT - 1)
saveRecord(k, r)
return { 'failed' }
