-- Lease timers that are due: they come back unless their command leaves a final outcome.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 lane, 3 how many, 4 lease in ms
-- Returns {now, next due or 0, {timer id, blob, version, due, ...}}.
local call, p = redis.call, ARGV[1]
local due, blobs = p .. 'timers:' .. ARGV[2], p .. 'timer:' .. ARGV[2]
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local found = call('ZRANGEBYSCORE', due, '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local leased = {}
for i = 1, #found, 2 do
  local blob = call('HGET', blobs, found[i])
  if blob then
    call('ZADD', due, now + tonumber(ARGV[4]), found[i])
    leased[#leased + 1] = found[i]
    leased[#leased + 1] = blob
    leased[#leased + 1] = call('HGET', blobs, found[i] .. '|v')
    leased[#leased + 1] = found[i + 1]
  else
    call('ZREM', due, found[i])
  end
end
local first = call('ZRANGE', due, 0, 0, 'WITHSCORES')
return {now, tonumber(first[2] or 0), leased}
