-- A result that no decision comes with.
-- @include rows

-- Only success counts, and only an arrival that may complete a join, or the run, needs a decision. Answers the arrivals
-- by join as they will be, and whether the result needs none.
local function countArrivals(k, r, row, isSuccess)
  local isQuiet, counts = isSuccess and row.isTail == true and r.open - 1 > 0, {}
  for join, expected in pairs(isSuccess and row.joins or {}) do
    local stored = redis.call('HMGET', k.joins, join, join .. '\0' .. row.key)
    local count = tonumber(stored[1] or 0)
    if not count or type(expected) ~= 'number' then
      error('CORRUPT ' .. k.joins .. ' has no count of ' .. join)
    end
    counts[join] = stored[2] and count or count + 1
    isQuiet = isQuiet and counts[join] < expected
  end
  return counts, isQuiet
end

-- A result with the event that tells of it.
local function resultOf(row, status, reason)
  local event = { type = 'task.completed', key = row.key, attempt = row.attempt, status = status }
  event.token, event.reason = row.token, reason
  return { status = status, reason = reason, event = cjson.encode(event) }
end

-- Reads before it writes; the caller saves the record.
local function storeAlone(k, r, row, result)
  local isSuccess = result.status == 'COMPLETED'
  local counts, isQuiet = countArrivals(k, r, row, isSuccess)
  disarmTask(k, row.key, mayHaveLetter(row.status))
  if isSuccess then
    editScore(k.timers, 'total:' .. row.key, false)
  end
  for join, count in pairs(counts) do
    editField(k.joins, join .. '\0' .. row.key, 1)
    editField(k.joins, join, count)
  end
  addEvent(k, r, result.event)
  row.status, row.endedAt, row.reason = result.status, now, result.reason
  if isQuiet then
    row.isSettled = true
    setField(r, 'open', r.open - 1)
  else
    editScore(k.todo, row.key, r.version)
    markDirty(r)
  end
  writeRow(k, row)
end
