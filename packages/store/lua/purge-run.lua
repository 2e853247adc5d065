--[[
Remove one step of a run whose retention is over. From the first step on the run is gone for every other script.

KEYS[1..16] the run's, by lib/run-keys.lua
KEYS[17]    <p>:idem:<hash> string: id of the run that owns the key, then as start-run reads it of a purged one;
            the run's record again when it has none
ARGV[1..6]  the head, by lib/run-keys.lua
ARGV[7]     most entries to remove
ARGV[8]     1 = blobs are removed: the payloads that named them may go
ARGV[9]     how long the idempotency key outlives the run, ms

Replies: { 'kept' }: not expired, or not ended | { 'begun' }: remove the blobs, then come again
  | { 'more' } | { 'purged' }
Retry: takes the next step.
Complexity: O(entries removed)
]]
-- @include record
local idemKey, budget, hasNoBlobs, idemKeptMs =
  KEYS[17], tonumber(ARGV[7]), ARGV[8] == '1', tonumber(ARGV[9])
local k = bindRun(runId)
assertTypes(k)
local expiresAt = tonumber(redis.call('ZSCORE', k.expiry, runId))
local state = redis.call('HGET', k.run, 'state')
local status = state and decodeState(k, state).status
if not expiresAt or expiresAt > now or (status and not isTerminalRun(status)) then
  return { 'kept' }
end
if status and not hasNoBlobs then
  redis.call('HSET', k.run, 'purging', '1')
  redis.call('ZREM', k.attention, runId)
  redis.call('ZADD', k.moved, 'inf', runId)
  return { 'begun' }
end

local function removePage(name)
  local key, kind = k[name], KEY_TYPES[name]
  if kind == 'list' then
    redis.call('LTRIM', key, budget, -1)
  elseif kind == 'zset' then
    redis.call('ZREMRANGEBYRANK', key, 0, budget - 1)
  else
    local batch = redis.call('HSCAN', key, 0, 'COUNT', budget)[2]
    for i = 1, math.min(#batch, 2 * budget), 2 do
      redis.call('HDEL', key, batch[i])
    end
  end
end

local SIZES = { list = 'LLEN', zset = 'ZCARD', hash = 'HLEN' }
for _, name in ipairs({ 'tasks', 'data', 'history', 'outbox', 'timers', 'watch', 'joins', 'todo' }) do
  local size = redis.call(SIZES[KEY_TYPES[name]], k[name])
  if size > budget then
    if budget > 0 then
      removePage(name)
    end
    return { 'more' }
  end
  redis.call('DEL', k[name])
  budget = budget - size
end
if idemKey ~= k.run and redis.call('GET', idemKey) == runId then
  local knownUntil = ('%.0f'):format(now + idemKeptMs)
  redis.call('SET', idemKey, runId .. ' ' .. status .. ' ' .. knownUntil, 'PX', idemKeptMs)
end
for _, name in ipairs({ 'attention', 'runs', 'expiry' }) do
  redis.call('ZREM', k[name], runId)
end
redis.call('DEL', k.lock, k.run)
return { 'purged' }
