-- Keep a webhook anew if it still stands as it was read.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 person, 3 as it was read, 4 as it is to be
-- Returns 1 when it was kept, 0 when somebody set or removed it meanwhile.
local hooks = ARGV[1] .. 'hooks'
if redis.call('HGET', hooks, ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HSET', hooks, ARGV[2], ARGV[4])
return 1
