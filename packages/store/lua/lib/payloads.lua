-- Payloads: JSON text, or `@<blob>` for one in a key of its own.
-- @include edits

-- `old` = what stands there. A blob that a payload leaves behind is noted under `b:<id>`, for the purge to find.
local function putPayload(k, field, old, text)
  if old and old:sub(1, 1) == '@' then
    editField(k.data, 'b:' .. old:sub(2), old)
  end
  editField(k.data, field, text)
end

-- Blobs must be there still: their hour may have passed.
local function checkBlobs(first, last)
  for i = first, last do
    if redis.call('EXISTS', KEYS[i]) == 0 then
      error('EXPIRED blob ' .. KEYS[i] .. ' before the transition that names it')
    end
  end
end

-- From now on they live as long as what names them.
local function keepBlobs(first, last)
  for i = first, last do
    redis.call('PERSIST', KEYS[i])
  end
end
