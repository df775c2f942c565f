-- Open a city that was restored: all its keys but the head are in their places, and with the head it is there.
--
-- KEYS[1]  {city}:head
-- ARGV     1 the name of this restore, 2 the head that lies beside, 3 the new epoch, 4 the commit number to go on from
-- Returns 1; -1 when another restore has begun: nothing was changed then.
local call = redis.call
local head = call('HMGET', KEYS[1], 'kind', 'restore')
if head[1] ~= 'restoring' or head[2] ~= ARGV[1] then return -1 end
call('RENAME', ARGV[2], KEYS[1])
call('HSET', KEYS[1], 'epoch', ARGV[3], 'commit', ARGV[4])
call('HDEL', KEYS[1], 'replid') -- of the store that was lost: the first to adopt writes this one's
return 1
