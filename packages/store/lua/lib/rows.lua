-- Task rows: `<rev> <json>`, the JSON without empty, zero and false fields; and what watches over a row.
-- @include record
local ROW_NUMBERS = {
  'attempt',
  'dispatch',
  'deliveries',
  'maxDeliveries',
  'timeoutMs',
  'responseTimeoutMs',
  'pollTimeoutMs',
  'priority',
}
local FIRST_CHECK = 2000

local function isTerminalTask(status)
  return status ~= 'SCHEDULED' and status ~= 'IN_PROGRESS'
end

-- nil = no such row. What is calculated with is proved to be a number here, before any write.
local function readRow(k, key)
  local stored = redis.call('HGET', k.tasks, key)
  if not stored then
    return nil
  end
  local rev, json = stored:match('^(%d+) ({.*})$')
  local isJson, row = pcall(cjson.decode, json or '')
  if not rev or not isJson then
    error('CORRUPT ' .. k.tasks .. ' has an unreadable row ' .. key)
  end
  row.rev, row.token = tonumber(rev), row.token or ''
  for _, name in ipairs(ROW_NUMBERS) do
    row[name] = row[name] or 0
    if type(row[name]) ~= 'number' then
      error('CORRUPT ' .. k.tasks .. ' has a row ' .. key .. ' without a number ' .. name)
    end
  end
  return row
end

-- Stores the row under its next revision and answers its text.
local function writeRow(k, row)
  local kept, rev = {}, row.rev + 1
  for name, value in pairs(row) do
    if name ~= 'rev' and value ~= 0 and value ~= '' and value ~= false then
      kept[name] = value
    end
  end
  local text = rev .. ' ' .. cjson.encode(kept)
  redis.call('HSET', k.tasks, row.key, text)
  return text
end

-- Timers but `total`, lease, job check and letter.
local function disarmTask(k, key)
  local timers = k.timers
  redis.call(
    'ZREM',
    timers,
    'delay:' .. key,
    'wait:' .. key,
    'timeout:' .. key,
    'response:' .. key,
    'poll:' .. key
  )
  redis.call('ZREM', k.watch, 'lease:' .. key, 'ended:' .. key, 'check:' .. key)
  if redis.call('HDEL', k.outbox, 'dispatch:' .. key) == 1 then
    redis.call('ZREM', k.unsent, k.id .. ' dispatch:' .. key)
  end
end

-- `json` without its moment; `dispatchKey` = the task whose job is to be checked, '' = no dispatch.
local function putLetter(k, letterId, dispatchKey, json)
  redis.call('HSET', k.outbox, letterId, '{"at":' .. now .. ',' .. json:sub(2))
  redis.call('ZADD', k.unsent, now, k.id .. ' ' .. letterId)
  if dispatchKey ~= '' then
    redis.call('ZADD', k.watch, now + FIRST_CHECK, 'check:' .. dispatchKey)
  end
end
