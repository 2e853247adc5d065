-- What claiming, giving back and redelivering have in common.
-- @include rows
-- True while a claim of this row is alive by its lease.
local function isLeased(k, key)
  local leaseEndsAt = tonumber(redis.call('ZSCORE', k.watch, 'lease:' .. key))
  return leaseEndsAt ~= nil and leaseEndsAt > now
end

-- The row as the claim of `token`, with nothing armed but its lease. Written by the caller.
local function takeRow(k, row, token, leaseMs)
  disarmTask(k, row.key, mayHaveLetter(row.status))
  editScore(k.watch, 'lease:' .. row.key, now + leaseMs)
  row.status, row.token = 'IN_PROGRESS', token
end

-- Delivered too often without a result: the caller takes the row only to complete it as lost.
local function takePoison(k, r, row, token, leaseMs)
  assertTypes(k, LETTER_KEYS)
  takeRow(k, row, token, leaseMs)
  row.fencingToken = nil
  writeRow(k, row)
  saveRecord(k, r)
  return { 'poison', token, row.deliveries }
end
