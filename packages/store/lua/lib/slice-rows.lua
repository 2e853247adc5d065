-- The rows that a slice brings along: those to be acted upon, and a page of open ones while the run is being closed.
-- @include rows
local SCAN_COUNT, MAX_STEPS = 500, 8

local function isOpenText(text)
  return text:find('"status":"SCHEDULED"', 1, true) or text:find('"status":"IN_PROGRESS"', 1, true)
end

-- Answers key, text, … and 1 when the scan was cut. `r.cancelCursor` moves past batches without open rows only: a
-- page that is never committed is found again. Nothing opens while a run closes, so what was passed stays closed.
local function readOpenRows(k, r, limit)
  local rows, cursor, isCut = {}, r.cancelCursor == '' and '0' or r.cancelCursor, false
  for _ = 1, MAX_STEPS do
    local nextCursor, batch = unpack(redis.call('HSCAN', k.tasks, cursor, 'COUNT', SCAN_COUNT))
    for i = 1, #batch, 2 do
      if isOpenText(batch[i + 1]) and not batch[i]:find('@%d+$') then
        isCut = isCut or #rows >= 2 * limit
        if not isCut then
          rows[#rows + 1], rows[#rows + 2] = batch[i], batch[i + 1]
        end
      end
    end
    if #rows == 0 then
      setField(r, 'cancelCursor', nextCursor)
    end
    cursor = nextCursor
    if cursor == '0' or isCut then
      break
    end
  end
  return rows, (isCut or cursor ~= '0') and 1 or 0
end

-- Rows of the to-do list and of due timers as key, text or nil, …
local function readActiveRows(k, todo, due)
  local keys, rows = {}, {}
  for i, key in ipairs(todo) do
    keys[i] = key
  end
  for _, timer in ipairs(due) do
    keys[#keys + 1] = timer:match('^%a+:(.*)$')
  end
  for i, text in ipairs(#keys > 0 and redis.call('HMGET', k.tasks, unpack(keys)) or {}) do
    rows[2 * i - 1], rows[2 * i] = keys[i], text
  end
  return rows
end
