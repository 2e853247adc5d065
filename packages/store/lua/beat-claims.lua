--[[
Renew claims of many runs of one partition.

KEYS[1..6]  the partition's, by lib/run-keys.lua
KEYS[7..]   ten of each item's run, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua; no run id
ARGV[7..]   of each item: run id, task key, attempt, token, lease ms, 1 = a sign of life of the handler

Replies: a list of 1 = renewed, 0 = lost, in the order of the items
Retry: renews again.
Complexity: O(items)
]]
-- @include rows
local WIDTH, FIRST, RUN_WIDTH = 6, 7, #RUN_KEYS

-- A corrupt run must not take the claims of its neighbours with it: its own are lost.
local function renew(k, key, attempt, token, leaseMs, isProgress)
  local r = readRecord(k)
  local row = r and not isTerminalRun(r.status) and r.closing == '' and readRow(k, key)
  if not row or row.status ~= 'IN_PROGRESS' or row.token ~= token or row.attempt ~= attempt then
    return 0
  end
  redis.call('ZREM', k.watch, 'ended:' .. key)
  redis.call('ZADD', k.watch, now + leaseMs, 'lease:' .. key)
  if isProgress and row.responseTimeoutMs > 0 then
    redis.call('ZADD', k.timers, now + row.responseTimeoutMs, 'response:' .. key)
  end
  deriveAttention(k, r)
  return 1
end

local replies = {}
for i = FIRST, #ARGV, WIDTH do
  local k = bindRun(ARGV[i], PARTITION_WIDTH + #replies * RUN_WIDTH)
  local attempt, leaseMs = tonumber(ARGV[i + 2]), tonumber(ARGV[i + 4])
  local isRead, reply =
    pcall(renew, k, ARGV[i + 1], attempt, ARGV[i + 3], leaseMs, ARGV[i + 5] == '1')
  replies[#replies + 1] = isRead and reply or 0
end
return replies
