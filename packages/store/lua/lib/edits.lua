-- Edits of a transition: noted while it is made, sent together at its end, with one command per key and kind however
-- many rows change. The last word on a member counts, as if each had been sent at once. `sendEdits` is called once,
-- after every check, by whoever saves the record.
-- Lua's `unpack` takes some thousands; an even number keeps field and value together.
local ARGS_PER_COMMAND = 2000
local editedScores, editedFields, appended = {}, {}, {}

local function noteEdit(edits, key, member, value)
  local ofKey = edits[key]
  if not ofKey then
    ofKey = {}
    edits[key] = ofKey
  end
  ofKey[member] = value
end

-- Of a sorted set; `score` false = the member leaves.
local function editScore(key, member, score)
  noteEdit(editedScores, key, member, score)
end

-- Of a hash; `value` false = the field leaves.
local function editField(key, field, value)
  noteEdit(editedFields, key, field, value)
end

-- To a list.
local function append(key, element)
  local elements = appended[key] or {}
  appended[key] = elements
  elements[#elements + 1] = element
end

local function sendAll(command, key, args)
  for from = 1, #args, ARGS_PER_COMMAND do
    redis.call(command, key, unpack(args, from, math.min(#args, from + ARGS_PER_COMMAND - 1)))
  end
end

local function sendEdits()
  for key, scores in pairs(editedScores) do
    local added, removed = {}, {}
    for member, score in pairs(scores) do
      if score then
        added[#added + 1] = score
        added[#added + 1] = member
      else
        removed[#removed + 1] = member
      end
    end
    sendAll('ZREM', key, removed)
    sendAll('ZADD', key, added)
  end
  for key, fields in pairs(editedFields) do
    local set, removed = {}, {}
    for field, value in pairs(fields) do
      if value then
        set[#set + 1] = field
        set[#set + 1] = value
      else
        removed[#removed + 1] = field
      end
    end
    sendAll('HDEL', key, removed)
    sendAll('HSET', key, set)
  end
  for key, elements in pairs(appended) do
    sendAll('RPUSH', key, elements)
  end
end
