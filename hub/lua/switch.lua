-- Put a city that was restored beside its place into it, all at once.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 the same of what was restored, 3 the commit at which the city in its place must stand
--          ('' for a city with none), 4 the new epoch, 5 the commit number to go on from
-- Returns {how many keys the city has now, processor time in us}; {-1} when the city in its place has moved on: nothing
-- was changed then.
-- Everything of the old city goes, but for nothing that is not below the prefix.
local has = rawget(_G, 'os') -- Redis 7.0 lets no script read a clock: 0 there
local clock = has and has.clock or function() return 0 end
local call, p, beside, began = redis.call, ARGV[1], ARGV[2], clock()
if (call('HGET', KEYS[1], 'commit') or '') ~= ARGV[3] then return {-1} end
local old, new, cursor = {}, {}, '0'
repeat
  local page = call('SCAN', cursor, 'MATCH', p .. '*', 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    if string.sub(key, 1, #beside) == beside then new[key] = true else old[key] = true end
  end
until cursor == '0'
local count = 0
for key in pairs(old) do call('UNLINK', key) end
for key in pairs(new) do
  if call('EXISTS', key) == 1 then -- an error after a write is not rolled back
    call('RENAME', key, p .. string.sub(key, #beside + 1))
    count = count + 1
  end
end
call('HSET', KEYS[1], 'epoch', ARGV[4], 'commit', ARGV[5])
call('HDEL', KEYS[1], 'replid') -- of the store that was lost: the first to adopt writes this one's
return {count, math.floor((clock() - began) * 1e6)}
