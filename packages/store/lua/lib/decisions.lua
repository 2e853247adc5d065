-- What every decision leaves in the record of its run, whether a coordinator commits it or a result carries it.
-- @include apply-commands

-- Guards in the order of their cost: nil = it fits, else which one refuses. `fence` nil = decided and written at once.
local function refusalOf(r, decision, nonce, fence)
  if r.decision ~= decision or r.nonce ~= nonce then
    return 'decision'
  elseif fence and fence <= r.fence then
    return 'fence'
  end
  return nil
end

local function noteDecision(r, nonce, fence, openDelta)
  setField(r, 'open', r.open + openDelta)
  setField(r, 'decision', r.decision + 1)
  setField(r, 'nonce', nonce)
  setField(r, 'fence', fence)
  if fence > r.fenceIssued then
    setField(r, 'fenceIssued', fence) -- one that was issued before a loss of writes counts, too
  end
  setField(r, 'loads', 0)
  setField(r, 'lastDecidedAt', now)
end

-- The run has just ended, or just been opened again. A dead run's lock is nobody's.
local function noteEnd(k, r, wasEnded)
  local isEnded = isTerminalRun(r.status)
  if isEnded ~= wasEnded then
    setField(r, 'endedAt', isEnded and now or 0)
    editScore(k.expiry, k.id, false)
  end
  if isEnded then
    redis.call('DEL', k.lock)
  end
  return isEnded
end
