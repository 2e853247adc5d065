-- The run's record: read and proved before the first write, changed in the table `r`, saved in one call. What moves with
-- transitions stands in one field `state`, a JSON array in the order of STATE_FIELDS; the wrapper has the same order.
-- What was fixed when the run began is one JSON object, `origin`; what changes seldom has fields of its own.
-- @include edits
-- @include derive-attention
local STATE_FIELDS = {
  'status',
  'nonce',
  'full',
  'closing',
  'isRootDone',
  'cancelCursor',
  'lastActor',
  'calm',
  'version',
  'decision',
  'fence',
  'fenceIssued',
  'loads',
  'dirty',
  'seen',
  'dirtyAt',
  'open',
  'seq',
  'fullAt',
  'decidedVersion',
  'createdAt',
  'updatedAt',
  'endedAt',
  'lastDecidedAt',
}
local FIRST_NUMBER = 9

-- What saving a record writes or reads last, whatever has changed.
local SAVED_KEYS = { 'attention', 'timers', 'watch' }
local ENDED_KEYS = { 'expiry', 'outbox' }

-- From the text of `state`. What is calculated with is proved to be a whole number.
local function decodeState(k, text)
  local isJson, values = pcall(cjson.decode, text)
  if not isJson or type(values) ~= 'table' then
    error('CORRUPT ' .. k.run .. ' has an unreadable state')
  end
  local r = { changed = {}, own = {} }
  for i, name in ipairs(STATE_FIELDS) do
    local value = values[i]
    if
      type(value) ~= (i < FIRST_NUMBER and 'string' or 'number')
      or i >= FIRST_NUMBER and value % 1 ~= 0
    then
      error('CORRUPT ' .. k.run .. ' has ' .. name .. ' = ' .. tostring(value))
    end
    r[name] = value
  end
  return r
end

-- Of a run that begins, or whose state cannot be read.
local function freshState()
  local r = { changed = {}, own = {} }
  for i, name in ipairs(STATE_FIELDS) do
    r[name] = i < FIRST_NUMBER and '' or 0
  end
  return r
end

-- nil = there is no such run. Proves the counters, that the history has no gap, and the types of what every transition
-- writes; what a script writes besides, it proves itself before its first write.
local function readRecord(k)
  assertTypes(k, SAVED_KEYS)
  local state, purging = unpack(redis.call('HMGET', k.run, 'state', 'purging'))
  if purging or not state and redis.call('EXISTS', k.run) == 0 then
    return nil
  end
  local r = decodeState(k, state or '')
  local length = redis.call('LLEN', k.history)
  if length ~= r.version then
    error('CORRUPT ' .. k.run .. ' is at version ' .. r.version .. ', its history at ' .. length)
  end
  if isTerminalRun(r.status) then
    assertTypes(k, ENDED_KEYS)
  end
  return r
end

-- Of the state.
local function setField(r, name, value)
  r[name] = value
  r.changed[name] = value
end

-- Of those that change seldom.
local function setOwnField(r, name, text)
  r.own[name] = text
end

-- What a run counts of itself: apart from what it was, something has happened to it, or behind its back.
local function fingerprintOf(k, r)
  local counted = { r.version, r.decision, r.open, r.dirty, r.seen }
  counted[6], counted[7] = redis.call('HLEN', k.tasks), redis.call('HLEN', k.joins)
  counted[8], counted[9] = redis.call('ZCARD', k.timers), redis.call('ZCARD', k.watch)
  counted[10], counted[11] = redis.call('ZCARD', k.todo), redis.call('HLEN', k.outbox)
  return table.concat(counted, ' ')
end

local function markDirty(r)
  if r.dirty <= r.seen then
    setField(r, 'dirtyAt', now)
  end
  setField(r, 'dirty', r.dirty + 1)
end

local actorJson = cjson.encode(actor)

-- The version is the length of the history: 1..n without a gap.
local function addEvent(k, r, json)
  setField(r, 'version', r.version + 1)
  append(k.history, '[' .. r.version .. ',' .. now .. ',' .. actorJson .. ',' .. json .. ']')
end

-- Fields that were set, and nothing else: for what is not a transition.
local function writeFields(k, r)
  local state, fields = {}, { 'state', '' }
  for i, name in ipairs(STATE_FIELDS) do
    state[i] = r[name]
  end
  fields[2] = cjson.encode(state)
  for name, text in pairs(r.own) do
    fields[#fields + 1] = name
    fields[#fields + 1] = text
  end
  redis.call('HSET', k.run, unpack(fields))
end

local function saveRecord(k, r)
  setField(r, 'updatedAt', now)
  setField(r, 'lastActor', actor)
  sendEdits()
  writeFields(k, r)
  if r.changed.status then
    redis.call('ZADD', k.moved, r.version, k.id) -- views over many runs are to show it
  end
  deriveAttention(k, r)
end
