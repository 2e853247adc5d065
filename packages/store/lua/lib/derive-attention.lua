-- The one place that says when somebody must look at a run again. Called after every change of a run, with its
-- record `r` as it is then; no caller passes a moment. Answers it.
-- @include run-keys

-- A dirty run whose nudge is lost waits this long: well above a decision's time, well below a person's patience.
local DIRTY_GRACE = 500
-- A letter of a run that has ended and that nobody has acknowledged for so long is handed on again.
local LETTER_GRACE = 2000

local function isTerminalRun(status)
  return status ~= 'RUNNING' and status ~= 'PAUSED'
end

local function firstScore(key)
  return tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]) or math.huge
end

local function deriveAttention(k, r)
  local due = now + maxSweepAge
  if isTerminalRun(r.status) then
    if redis.call('HLEN', k.outbox) == 0 then
      local retention = r.status == 'COMPLETED' and retentionCompleted or retentionOther
      redis.call('ZREM', k.attention, k.id)
      redis.call('ZADD', k.expiry, now + retention, k.id)
      return math.huge
    end
    redis.call('ZREM', k.expiry, k.id) -- its letters must find it
    due = math.min(due, now + LETTER_GRACE)
  else
    due = math.min(due, firstScore(k.watch))
    if r.status == 'RUNNING' then
      due = math.min(due, firstScore(k.timers))
      if r.dirty > r.seen or r.full == '1' or r.closing ~= '' then
        due = math.min(due, now + DIRTY_GRACE)
      end
    end
  end
  redis.call('ZADD', k.attention, due, k.id)
  return due
end
