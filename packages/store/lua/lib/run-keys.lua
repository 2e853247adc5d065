-- Keys of runs and the head of ARGV, the same for every script that changes a run.
-- KEYS[1..6] belong to the partition, ten more to each run, in the order below; the key builder has the same order.
-- ARGV[1] clock of a test, ms, '' = the server's  ARGV[2] run id, '' = several runs  ARGV[3] actor
-- ARGV[4] longest time between two looks, ms  ARGV[5] retention of COMPLETED runs, ms  ARGV[6] of all others, ms
-- @include server-clock
local PARTITION_KEYS = { 'attention', 'unsent', 'runs', 'expiry', 'audit', 'moved' }
local PARTITION_WIDTH = #PARTITION_KEYS
local RUN_KEYS = {
  'run',
  'tasks',
  'data',
  'history',
  'outbox',
  'timers',
  'watch',
  'joins',
  'todo',
  'lock',
}
local KEY_TYPES = {
  attention = 'zset',
  unsent = 'zset',
  runs = 'zset',
  expiry = 'zset',
  audit = 'list',
  moved = 'zset',
  run = 'hash',
  tasks = 'hash',
  data = 'hash',
  history = 'list',
  outbox = 'hash',
  timers = 'zset',
  watch = 'zset',
  joins = 'hash',
  todo = 'zset',
  lock = 'string',
}
local runId, actor = ARGV[2], ARGV[3]
local maxSweepAge, retentionCompleted, retentionOther =
  tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- The keys of one run by name; `base` = index of the key before its first. Default: behind the partition's.
local function bindRun(id, base)
  local k, before = { id = id }, base or PARTITION_WIDTH
  for i, name in ipairs(PARTITION_KEYS) do
    k[name] = KEYS[i]
  end
  for i, name in ipairs(RUN_KEYS) do
    k[name] = KEYS[before + i]
  end
  return k
end

-- Redis does not undo what a failed script has written, so no write may meet a key of the wrong type.
local function assertType(key, expected)
  local found = redis.call('TYPE', key).ok
  if found ~= expected and found ~= 'none' then
    error('CORRUPT ' .. key .. ' is a ' .. found .. ', not a ' .. expected)
  end
end

-- `names` = keys that a script writes and has not read by a command of their type. Default: all of them.
local function assertTypes(k, names)
  for _, list in ipairs(names and { names } or { PARTITION_KEYS, RUN_KEYS }) do
    for _, name in ipairs(list) do
      assertType(k[name], KEY_TYPES[name])
    end
  end
end
