-- Commands of a decision, a flat list in ARGV: checked as a whole first, written as a whole then.
--   T key presumed flags json       put a row; presumed: its revision, and after a space the token that it holds;
--                                   flags: s f e b = stamp scheduledAt, firstScheduledAt, endedAt, the claim;
--                                   t = joins the to-do list
--   K key attempt                   keep the row as <key>@<attempt>      D field text      put a payload or @<blob>
--   A join key                      arrive; a join key   leave           M timer delayMs   arm; m timer   clear
--   L letterId dispatchKey json     send                                 R field text      change the record
--   C key leaseMs                   claim what is put                    E json            record an event
-- @include rows
-- @include payloads
local WIDTHS = { T = 4, K = 2, D = 2, A = 2, a = 2, M = 2, m = 1, L = 3, R = 2, C = 2, E = 1 }
local TODO_KEYS, MOVED_KEYS = { 'todo' }, { 'moved' }

-- What the commands read: fields to ask for, and then, by field, what stands there; false = nothing.
local reads = { tasks = {}, data = {}, joins = {} }
local eventCount = 0

local collect = {}

function collect.T(_, key)
  reads.tasks[#reads.tasks + 1] = key
end

function collect.K(_, key)
  reads.tasks[#reads.tasks + 1] = key
end

function collect.D(_, field)
  reads.data[#reads.data + 1] = field
end

function collect.A(_, join, key)
  reads.joins[#reads.joins + 1] = join
  reads.joins[#reads.joins + 1] = join .. '\0' .. key
end

collect.a = collect.A

function collect.M(_, timer, delayMs)
  return tonumber(delayMs) or error('no delay for ' .. timer)
end

function collect.L(k)
  assertTypes(k, LETTER_KEYS)
end

function collect.R(k, field, text)
  if field ~= 'status' then
    return
  end
  assertTypes(k, MOVED_KEYS)
  if isTerminalRun(text) then
    assertTypes(k, ENDED_KEYS)
  end
end

function collect.E()
  eventCount = eventCount + 1
end

local function readFields(key, fields)
  local values = #fields > 0 and redis.call('HMGET', key, unpack(fields)) or {}
  local found = {}
  for i, field in ipairs(fields) do
    found[field] = values[i]
  end
  return found
end

-- Asks for everything that the commands, and whoever has added to `reads` before, want to see.
local function readAll(k, first)
  local at = first
  while at <= #ARGV do
    local op = ARGV[at]
    if collect[op] then
      collect[op](k, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
    end
    at = at + 1 + (WIDTHS[op] or error('no command ' .. tostring(op)))
  end
  for name, fields in pairs(reads) do
    reads[name] = readFields(k[name], fields)
  end
  for join, stored in pairs(reads.joins) do
    if not tonumber(stored or 0) then
      error('CORRUPT ' .. k.joins .. ' has no count of ' .. join)
    end
  end
end

-- A row that is not there has revision 0 and no token. Revisions are given out again after a loss of writes, tokens are
-- not.
local function isAsPresumed(stored, presumed)
  local rev = stored and (stored:match('^(%d+) ') or 'unreadable') or '0'
  local token = stored and stored:match('"token":"([^"]*)"') or ''
  return presumed == rev or presumed == rev .. ' ' .. token
end

local function isClaimedText(stored)
  return stored:find('"status":"IN_PROGRESS"', 1, true)
end

-- After `readAll`. False = a row is not as presumed. Only what a worker has in hand has no letter and is not to be done.
local function areAsPresumed(k, first)
  local at = first
  while at <= #ARGV do
    if ARGV[at] == 'T' then
      local stored, flags = reads.tasks[ARGV[at + 1]], ARGV[at + 3]
      if not isAsPresumed(stored, ARGV[at + 2]) then
        return false
      end
      local isOffDuty = stored and not isClaimedText(stored)
      if isOffDuty then
        assertTypes(k, LETTER_KEYS)
      end
      if isOffDuty or flags:find('t', 1, true) then
        assertTypes(k, TODO_KEYS)
      end
    end
    at = at + 1 + WIDTHS[ARGV[at]]
  end
  return true
end

local function checkCommands(k, first, firstBlob)
  checkBlobs(firstBlob, #KEYS)
  readAll(k, first)
  return areAsPresumed(k, first)
end

local writes = {}

local function stampsOf(r, flags)
  local stamps = ''
  if flags:find('s') then
    stamps = '"scheduledAt":' .. now .. ','
  end
  if flags:find('f') then
    stamps = stamps .. '"firstScheduledAt":' .. now .. ','
  end
  if flags:find('e') then
    stamps = stamps .. '"endedAt":' .. now .. ','
  end
  -- The fence of a claim is the version to which its transition brings the run.
  if flags:find('b') then
    stamps = stamps .. '"startedAt":' .. now .. ',"fencingToken":' .. r.version + eventCount .. ','
  end
  return stamps
end

function writes.T(k, r, key, presumed, flags, json)
  local stored = reads.tasks[key]
  local isOffDuty = stored and not isClaimedText(stored)
  if stored then
    disarmTask(k, key, isOffDuty)
  end
  editField(k.tasks, key, (presumed:match('^%d+') + 1) .. ' {' .. stampsOf(r, flags) .. json:sub(2))
  if flags:find('t') then
    editScore(k.todo, key, r.version)
  elseif isOffDuty then
    editScore(k.todo, key, false)
  end
end

function writes.K(k, _, key, attempt)
  if reads.tasks[key] then
    editField(k.tasks, key .. '@' .. attempt, reads.tasks[key])
  end
end

function writes.D(k, _, field, text)
  putPayload(k, field, reads.data[field], text)
end

function writes.A(k, _, join, key)
  local arrival = join .. '\0' .. key
  if not reads.joins[arrival] then
    reads.joins[arrival] = '1'
    reads.joins[join] = (reads.joins[join] or 0) + 1
    editField(k.joins, arrival, 1)
    editField(k.joins, join, reads.joins[join])
  end
end

function writes.a(k, _, join, key)
  local arrival = join .. '\0' .. key
  if reads.joins[arrival] then
    local left = reads.joins[join] - 1
    reads.joins[arrival], reads.joins[join] = false, left > 0 and left
    editField(k.joins, arrival, false)
    editField(k.joins, join, reads.joins[join])
  end
end

function writes.M(k, _, timer, delayMs)
  editScore(k.timers, timer, now + delayMs)
end

function writes.m(k, _, timer)
  editScore(k.timers, timer, false)
end

function writes.L(k, _, letterId, dispatchKey, json)
  putLetter(k, letterId, dispatchKey, json)
end

function writes.R(_, r, field, text)
  if r[field] == nil then
    setOwnField(r, field, text)
  else
    setField(r, field, type(r[field]) == 'number' and tonumber(text) or text)
  end
end

function writes.C(k, _, key, leaseMs)
  editScore(k.watch, 'lease:' .. key, now + leaseMs)
end

function writes.E(k, r, json)
  eventCount = eventCount - 1
  addEvent(k, r, json)
end

local function writeCommands(k, r, first, firstBlob)
  keepBlobs(firstBlob, #KEYS)
  local at = first
  while at <= #ARGV do
    local op = ARGV[at]
    writes[op](k, r, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
    at = at + 1 + WIDTHS[op]
  end
end
