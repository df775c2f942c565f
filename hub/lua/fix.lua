-- Keep the newest fix of a thing, and say that it moved. No log entry, no offset.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 type, 3 id, 4 fix_at, 5 fix (MessagePack), 6 the same as topics show it,
--          7 geo index or '', 8 lon, 9 lat, 10 the message for {city}:moved, 11... topic, thing id pairs
-- Returns 1 when it was the newest, 0 when an older one came late (nothing is written).
local call, p = redis.call, ARGV[1]
local known = call('HGET', p .. 'fix:' .. ARGV[2], ARGV[3] .. '|at')
if known and tonumber(known) >= tonumber(ARGV[4]) then return 0 end
call('HSET', p .. 'fix:' .. ARGV[2], ARGV[3], ARGV[5], ARGV[3] .. '|at', ARGV[4])
if ARGV[7] ~= '' then call('GEOADD', p .. 'geo:' .. ARGV[7], ARGV[8], ARGV[9], ARGV[3]) end
for i = 11, #ARGV, 2 do
  if call('HEXISTS', p .. 'table:' .. ARGV[i], ARGV[i + 1]) == 1 then
    call('HSET', p .. 'fixes:' .. ARGV[i], ARGV[i + 1], ARGV[6])
  end
end
call('PUBLISH', p .. 'moved', ARGV[10])
return 1
