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
local LETTER_KEYS = { 'outbox', 'unsent' }
local TIMER_KINDS = { 'delay:', 'wait:', 'timeout:', 'response:', 'poll:' }
local WATCH_KINDS = { 'lease:', 'ended:', 'check:' }

local function isTerminalTask(status)
  return status ~= 'SCHEDULED' and status ~= 'IN_PROGRESS'
end

-- From its text; nil = no such row. What is calculated with is proved to be a number here, before any write.
local function parseRow(k, key, stored)
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

local function readRow(k, key)
  return parseRow(k, key, redis.call('HGET', k.tasks, key))
end

-- A claim confirms the dispatch of a row: only one that is unclaimed may have a letter on its way.
local function mayHaveLetter(status)
  return status ~= 'IN_PROGRESS'
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
  editField(k.tasks, row.key, text)
  return text
end

-- Disarms all that wakes the task: timers but `total`, lease and job check; `hasLetter` = takes its letter back, too.
local function disarmTask(k, key, hasLetter)
  for _, kind in ipairs(TIMER_KINDS) do
    editScore(k.timers, kind .. key, false)
  end
  for _, kind in ipairs(WATCH_KINDS) do
    editScore(k.watch, kind .. key, false)
  end
  if hasLetter then
    editField(k.outbox, 'dispatch:' .. key, false)
    editScore(k.unsent, k.id .. ' dispatch:' .. key, false)
  end
end

-- `json` without its moment; `dispatchKey` = the task whose job is to be checked, '' = a letter to another run.
local function putLetter(k, letterId, dispatchKey, json)
  editField(k.outbox, letterId, '{"at":' .. now .. ',' .. json:sub(2))
  editScore(k.unsent, k.id .. ' ' .. letterId, now)
  local watch = dispatchKey ~= '' and 'check:' .. dispatchKey or 'letter:' .. letterId
  editScore(k.watch, watch, now + FIRST_CHECK)
end
