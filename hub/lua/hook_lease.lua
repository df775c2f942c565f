-- Lease the deliveries of one webhook that are due: each is the first of its thing's line, so that a later change
-- of a thing waits behind the earlier.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 person, 3 how many, 4 how many may be leased by all workers together, 5 lease in ms,
--          6 ms that the clock is ahead of the store's (0 but in tests)
-- Returns {now, when the next may be leased or 0, webhook, {thing, id, body, attempt, first at, ...}},
-- false when there is no such webhook.
-- A lease that ran out belonged to a worker that died: it is due again, and the attempt counted.
local call, p, person = redis.call, ARGV[1], ARGV[2]
local hook = call('HGET', p .. 'hooks', person)
if not hook then return false end
local due, leases = p .. 'hook:due:' .. person, p .. 'hook:lease:' .. person
local tries, items = p .. 'hook:tries:' .. person, p .. 'hook:item:' .. person
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[6])
local text = string.format('%.0f', now)
for _, thing in ipairs(call('ZRANGEBYSCORE', leases, '-inf', text)) do
  call('ZREM', leases, thing)
  call('ZADD', due, text, thing)
end
local room = math.min(tonumber(ARGV[3]), tonumber(ARGV[4]) - call('ZCARD', leases))
local leased = {}
for _, thing in ipairs(room > 0 and call('ZRANGEBYSCORE', due, '-inf', text, 'LIMIT', 0, room) or {}) do
  local line = p .. 'hookline:' .. person .. ':' .. thing
  local id = call('LINDEX', line, 0)
  local item = id and call('HGET', items, id)
  while id and not item do -- cannot be; if it is, nobody waits behind it for ever
    call('LPOP', line)
    id = call('LINDEX', line, 0)
    item = id and call('HGET', items, id)
  end
  call('ZREM', due, thing)
  if item then
    local attempt, first = string.match(call('HGET', tries, thing) or '', '^(%d+) (%d+)$')
    attempt, first = string.format('%.0f', tonumber(attempt or 0) + 1), first or text
    call('HSET', tries, thing, attempt .. ' ' .. first)
    call('ZADD', leases, string.format('%.0f', now + tonumber(ARGV[5])), thing)
    for _, part in ipairs({thing, id, cmsgpack.unpack(item)[2], attempt, first}) do leased[#leased + 1] = part end
  end
end
local next = call('ZRANGE', leases, 0, 0, 'WITHSCORES')
if call('ZCARD', leases) < tonumber(ARGV[4]) then
  local first = call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if first[2] and not (next[2] and tonumber(next[2]) < tonumber(first[2])) then next = first end
end
return {now, tonumber(next[2] or 0), hook, leased}
