-- The run's record: read and proved before the first write, changed in the table `r`, saved in one call.
-- @include edits
-- @include derive-attention
local NUMBER_FIELDS = {
  'version',
  'decision',
  'fence',
  'fenceIssued',
  'loads',
  'dirty',
  'seen',
  'dirtyAt',
  'open',
  'fullAt',
}
local TEXT_FIELDS = {
  'status',
  'closing',
  'nonce',
  'full',
  'ops',
  'cancelCursor',
  'purging',
  'recordId',
}
local FIELDS = { unpack(NUMBER_FIELDS) }
for _, name in ipairs(TEXT_FIELDS) do
  FIELDS[#FIELDS + 1] = name
end

-- What saving a record writes or reads last, whatever has changed.
local SAVED_KEYS = { 'attention', 'timers', 'watch' }
local ENDED_KEYS = { 'expiry', 'outbox' }

-- nil = there is no such run. Proves the counters, that the history has no gap, and the types of what every transition
-- writes; what a script writes besides, it proves itself before its first write.
local function readRecord(k)
  assertTypes(k, SAVED_KEYS)
  local values = redis.call('HMGET', k.run, unpack(FIELDS))
  local r = { changed = {} }
  for i, name in ipairs(TEXT_FIELDS) do
    r[name] = values[#NUMBER_FIELDS + i] or ''
  end
  if r.purging ~= '' or (r.status == '' and redis.call('EXISTS', k.run) == 0) then
    return nil
  end
  for i, name in ipairs(NUMBER_FIELDS) do
    local number = tonumber(values[i] or 'absent')
    if not number or number ~= math.floor(number) then
      error('CORRUPT ' .. k.run .. ' has ' .. name .. ' = ' .. tostring(values[i]))
    end
    r[name] = number
  end
  local length = redis.call('LLEN', k.history)
  if r.status == '' or length ~= r.version then
    error('CORRUPT ' .. k.run .. ' is at version ' .. r.version .. ', its history at ' .. length)
  end
  if isTerminalRun(r.status) then
    assertTypes(k, ENDED_KEYS)
  end
  return r
end

local function setField(r, name, value)
  r[name] = value
  r.changed[name] = value
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
  local flat = {}
  for name, value in pairs(r.changed) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  redis.call('HSET', k.run, unpack(flat))
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
