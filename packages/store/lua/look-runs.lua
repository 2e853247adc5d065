--[[
Look at runs of one partition: what is due in each? Nothing is decided here.

KEYS[1..6]  the partition's, by lib/run-keys.lua
KEYS[7..]   ten of each run, by lib/run-keys.lua
ARGV[1..6]  the head, by lib/run-keys.lua; no run id
ARGV[7]     longest time between two full evaluations, ms
ARGV[8]     the same of a run that is calm, ms
ARGV[9..]   run ids

Replies: a list, without the runs that are gone, of
  { run id, 'corrupt', why } | { run id, 'quiet', status, definition }: nothing is due | { run id, 'fine', status, definition, needsDecision, isFullDue, waiting ms, claims,
  checks, letters } with claims = key, attempt, dispatch, … and checks, letters = letter JSON with `at`, …
Retry: looks again; what was found comes again after a second (claims) or 2 to 30 s (checks).
Complexity: O(runs + what is due)
]]
-- @include look-run
local fullDecideInterval, calmDecideInterval, FIRST = tonumber(ARGV[7]), tonumber(ARGV[8]), 9

-- An error in one run is its own finding; its neighbours are looked at all the same.
local findings = {}
for i = FIRST, #ARGV do
  local k = bindRun(ARGV[i], PARTITION_WIDTH + (i - FIRST) * #RUN_KEYS)
  local isRead, found = pcall(lookRun, k, fullDecideInterval, calmDecideInterval)
  if not isRead then
    -- Redis does not say which key was of another type.
    local isTyped, mistyped = pcall(assertTypes, k)
    local why = isTyped and found or mistyped
    why = type(why) == 'table' and why.err or tostring(why)
    findings[#findings + 1] = { k.id, 'corrupt', why }
  elseif found then
    findings[#findings + 1] = found
  end
end
return findings
