-- The moment of this call. ARGV[1] = clock of a test, ms, '' = the server's: clocks of clients differ.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
