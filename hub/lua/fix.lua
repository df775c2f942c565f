-- Keep the newest fix of a thing, and say that it moved. No log entry, no offset.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 type, 3 id, 4 fix_at, 5 fix (MessagePack), 6 the same as topics show it,
--          7 geo index or '', 8 lon, 9 lat, 10 the message for {city}:moved,
--          11 how often the record was written when it was read, or '' (a fix without a memory),
--          12... topic, thing id pairs
-- Returns 1 when it was the newest, 2 when only its memory was written (the same fix_at again), 0 when an older one
-- came late, -1 when the record is not the one that was read; in these two nothing is written.
local call, p = redis.call, ARGV[1]
local record, id = p .. 'fix:' .. ARGV[2], ARGV[3]
local known = call('HGET', record, id .. '|at')
if ARGV[11] ~= '' and (call('HGET', record, id .. '|v') or '0') ~= ARGV[11] then return -1 end
local age = known and tonumber(ARGV[4]) - tonumber(known) or 1
if age < 0 or (age == 0 and ARGV[11] == '') then return 0 end
call('HSET', record, id, ARGV[5], id .. '|at', ARGV[4])
call('HINCRBY', record, id .. '|v', 1)
if age == 0 then return 2 end
if ARGV[7] ~= '' then call('GEOADD', p .. 'geo:' .. ARGV[7], ARGV[8], ARGV[9], id) end
for i = 12, #ARGV, 2 do
  if call('HEXISTS', p .. 'table:' .. ARGV[i], ARGV[i + 1]) == 1 then
    call('HSET', p .. 'fixes:' .. ARGV[i], ARGV[i + 1], ARGV[6])
  end
end
call('PUBLISH', p .. 'moved', ARGV[10])
return 1
