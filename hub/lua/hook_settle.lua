-- Settle one attempt of a delivery: it is done, is tried again, or is a dead letter.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 person, 3 delivery id, 4 attempt (0 for `spill`),
--          5 ok | again | dead | spill (a dead letter because too many wait, unless it is under way just now),
--          6 error, 7 ms until the next try, 8 ms from the first try to the last, 9 most dead letters,
--          10 ms that the clock is ahead of the store's (0 but in tests)
-- Returns ok | again | dead | held (spill: under way) | late (its lease ran out and another has it) | gone.
-- `again` after the last try is `dead`. Whatever leaves a line lets the next of its thing go at once.
local call, p, person, id, outcome = redis.call, ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local function key(part) return p .. 'hook:' .. part .. ':' .. person end
local item = call('HGET', key('item'), id)
if not item then return 'gone' end
item = cmsgpack.unpack(item)
local thing = item[1]
local line = p .. 'hookline:' .. person .. ':' .. thing
local first_of_line = call('LINDEX', line, 0) == id
local attempt, first = string.match(call('HGET', key('tries'), thing) or '', '^(%d+) (%d+)$')
if not first_of_line then attempt, first = nil, nil end
local leased = first_of_line and call('ZSCORE', key('lease'), thing)
if outcome == 'spill' then
  if leased then return 'held' end
elseif outcome ~= 'ok' and not (leased and attempt == ARGV[4]) then
  return 'late'
end
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[10])
local text = string.format('%.0f', now)
if outcome == 'ok' then
  call('HSET', key('health'), 'ok_at', text)
elseif outcome ~= 'spill' then
  call('HSET', key('health'), 'failed_at', text, 'error', ARGV[6])
end
if outcome == 'again' then
  local last = tonumber(first) + tonumber(ARGV[8])
  if now < last then
    call('ZREM', key('lease'), thing)
    call('ZADD', key('due'), string.format('%.0f', math.min(now + tonumber(ARGV[7]), last)), thing)
    return 'again'
  end
  outcome = 'dead'
end
call('LREM', line, 1, id)
call('HDEL', key('item'), id)
call('ZREM', key('age'), id)
if first_of_line then
  call('HDEL', key('tries'), thing)
  call('ZREM', key('lease'), thing)
end
if call('EXISTS', line) == 0 then
  call('ZREM', key('due'), thing)
elseif first_of_line and outcome ~= 'spill' then
  call('ZADD', key('due'), text, thing)
end
if outcome == 'ok' then return 'ok' end
call('ZADD', key('dead'), text, id)
call('HSET', key('letter'), id, cmsgpack.pack({thing, item[2], tonumber(attempt or 0), ARGV[6]}))
local over = call('ZCARD', key('dead')) - tonumber(ARGV[9])
if over > 0 then
  for _, old in ipairs(call('ZRANGE', key('dead'), 0, over - 1)) do
    call('ZREM', key('dead'), old)
    call('HDEL', key('letter'), old)
  end
end
return 'dead'
