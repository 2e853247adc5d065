--[[
Somebody has shown these runs as they were: their marks go, but for those of runs that have moved again.

KEYS[1]  <p>:moved zset: run id -> version of its last move
ARGV[1..] run id, mark as it was read

Replies: { 'settled', number of marks that went }
Retry: nothing is left to go, or what has moved since stays.
Complexity: O(runs)
]]
local movedKey = KEYS[1]
local count = 0
for i = 1, #ARGV, 2 do
  local id, mark = ARGV[i], ARGV[i + 1]
  if redis.call('ZSCORE', movedKey, id) == mark then
    count = count + redis.call('ZREM', movedKey, id)
  end
end
return { 'settled', count }
