-- One look at one run: claims that have ended, jobs to be asked for, whether a decision is due.
-- @include rows
local WATCH_PAGE, CLAIM_AGAIN, CHECK_MIN, CHECK_MAX = 64, 1000, 2000, 30000

local function entriesOf(k, kinds)
  local found = {}
  for _, entry in
    ipairs(redis.call('ZRANGEBYSCORE', k.watch, '-inf', now, 'LIMIT', 0, 2 * WATCH_PAGE))
  do
    local kind, key = entry:match('^(%a+):(.*)$')
    if kinds[kind] and #found < WATCH_PAGE then
      found[#found + 1] = key
    end
  end
  return found
end

-- When a letter was put into the outbox.
local function postedAt(k, name, json)
  return tonumber(json:match('^{"at":(%d+)'))
    or error('CORRUPT ' .. k.outbox .. ' has an unreadable letter of ' .. name)
end

-- Asked for after 2, 4, 8 … 30 s.
local function nextCheckOf(at)
  return now + math.min(math.max(now - at, CHECK_MIN), CHECK_MAX)
end

-- The letter of a dispatch whose job is to be asked for; made again from its row when it is missing.
local function letterOf(k, key)
  local json = redis.call('HGET', k.outbox, 'dispatch:' .. key)
  if json then
    return json, postedAt(k, key, json)
  end
  local row = readRow(k, key)
  if not row or row.status ~= 'SCHEDULED' then
    return nil
  end
  local at = row.scheduledAt or 0
  local letter =
    { at = at, type = 'dispatch', key = key, ref = row.ref, taskType = row.queue or row.name }
  letter.attempt, letter.dispatch, letter.priority = row.attempt, row.dispatch, row.priority
  letter.limits = row.limits
  return cjson.encode(letter), at
end

-- A claim that was seen to have ended is `ended`, no longer `lease`: free to be delivered again in this very pass.
local CLAIM_KINDS, CHECK_KINDS = { lease = true, ended = true }, { check = true }
local LETTER_KINDS = { letter = true }

-- Everything is read before anything is moved: a corrupt row leaves the watch as it was.
local function readWatch(k)
  local claims, checks, moves = {}, {}, {}
  for _, key in ipairs(entriesOf(k, CLAIM_KINDS)) do
    local row = readRow(k, key)
    local isEnded = row and row.status == 'IN_PROGRESS'
    moves['lease:' .. key], moves['ended:' .. key] = false, isEnded and now + CLAIM_AGAIN or false
    if isEnded then
      claims[#claims + 1], claims[#claims + 2], claims[#claims + 3] = key, row.attempt, row.dispatch
    end
  end
  for _, key in ipairs(entriesOf(k, CHECK_KINDS)) do
    local json, at = letterOf(k, key)
    moves['check:' .. key] = json and nextCheckOf(at) or false
    checks[#checks + 1] = json
  end
  return claims, checks, moves
end

-- Letters to other runs that have not been acknowledged, from the page of those that are due.
local function readLetters(k, moves)
  local letters = {}
  for _, letterId in ipairs(entriesOf(k, LETTER_KINDS)) do
    local json = redis.call('HGET', k.outbox, letterId)
    moves['letter:' .. letterId] = json and nextCheckOf(postedAt(k, letterId, json)) or false
    letters[#letters + 1] = json
  end
  return letters
end

-- Of a run that has ended nothing else is left in the outbox, and no watch is needed.
local function readLettersOfEnded(k)
  local letters = {}
  local batch = redis.call('HSCAN', k.outbox, 0, 'COUNT', WATCH_PAGE)[2]
  for i = 1, #batch, 2 do
    local isOld = postedAt(k, batch[i], batch[i + 1]) <= now - LETTER_GRACE
    if isOld and #letters < WATCH_PAGE and batch[i]:sub(1, 9) ~= 'dispatch:' then
      letters[#letters + 1] = batch[i + 1]
    end
  end
  return letters
end

-- `timerAt` = moment of the first timer, math.huge = none.
local function findingOf(k, r, claims, checks, letters, timerAt)
  local isEnded, isRunning = isTerminalRun(r.status), r.status == 'RUNNING'
  local isFullDue = not isEnded and r.full == '1'
  local isDirty, isTimerDue = isRunning and r.dirty > r.seen, isRunning and timerAt <= now
  local isWanted = isTimerDue or isDirty or (not isEnded and r.closing ~= '')
  local needsDecision = (isFullDue or isWanted) and 1 or 0
  local waitingMs = now - (isDirty and r.dirtyAt or isTimerDue and timerAt or now)
  return {
    k.id,
    'fine',
    r.status,
    r.definition,
    needsDecision,
    isFullDue and 1 or 0,
    math.max(0, waitingMs),
    claims,
    checks,
    letters,
  }
end

-- Whether the run is to be decided in full. A full evaluation that found it calm holds for long, as long as its
-- fingerprint does.
local function isFullOver(k, r, fullDecideInterval, calmDecideInterval)
  if r.status ~= 'RUNNING' or now - r.fullAt < fullDecideInterval then
    return false
  end
  local isCalm = r.calm ~= '' and now - r.lastDecidedAt < calmDecideInterval
  return not isCalm or r.calm ~= fingerprintOf(k, r)
end

-- Live runs are many, and most looks find nothing due: such a look reads little and writes only the next moment.
-- nil = there is more to it. What it does not read is proved by the full look that comes every `fullDecideInterval`.
local function glanceAt(k, ...)
  local state, definition, purging =
    unpack(redis.call('HMGET', k.run, 'state', 'definition', 'purging'))
  local r = state and not purging and decodeState(k, state)
  if not r or isTerminalRun(r.status) then
    return nil
  end
  r.definition = definition
  if isFullOver(k, r, ...) or deriveAttention(k, r) <= now then
    return nil
  end
  local finding = findingOf(k, r, {}, {}, {}, math.huge)
  local isQuiet = finding[5] == 0 and finding[7] == 0
  return isQuiet and { k.id, 'quiet', r.status, definition } or finding
end

-- nil = the run is gone; it leaves attention here, and only here without its end.
local function lookRun(k, ...)
  local glance = glanceAt(k, ...)
  if glance then
    return glance
  end
  assertTypes(k)
  local r = readRecord(k)
  if not r then
    redis.call('ZREM', k.attention, k.id)
    return nil
  end
  r.definition = redis.call('HGET', k.run, 'definition') or ''
  local isFullNow = isFullOver(k, r, ...)
  local claims, checks, letters, moves = {}, {}, {}, {}
  if isTerminalRun(r.status) then
    letters = readLettersOfEnded(k)
  else
    claims, checks, moves = readWatch(k)
    letters = readLetters(k, moves)
  end
  local timerAt = firstScore(k.timers)

  for entry, at in pairs(moves) do
    redis.call(at and 'ZADD' or 'ZREM', k.watch, unpack(at and { at, entry } or { entry }))
  end
  if isFullNow then
    setField(r, 'full', '1')
    setField(r, 'fullAt', now)
    writeFields(k, r)
  end
  deriveAttention(k, r)
  return findingOf(k, r, claims, checks, letters, timerAt)
end
