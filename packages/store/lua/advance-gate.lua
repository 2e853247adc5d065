--[[
Take back the places of those whose leases have ended, and call the next ones of the line.

KEYS[1..7]  the gate's, by lib/gate.lua
ARGV[1]     clock of a test, ms, '' = the server's   ARGV[2]  gate

Replies: { 'advanced', jobs to be called }
Retry: who was called by the first call has its place for 10 s, and is called again when it has not come.
Complexity: O(members whose leases have ended or who are called)
]]
-- @include gate
purge()
local jobs = promote('')
setDue()
return { 'advanced', jobs }
