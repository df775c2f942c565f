-- Close a city for the last part of its restore: nobody adopts it, and whoever has adopted it commits nothing more.
--
-- KEYS[1]  {city}:head
-- ARGV     1 the commit at which the city must stand ('' for one with none), 2 the name of this restore, 3 layout version
-- Returns 1 when somebody may be here (there is a head), 0 when nobody is; -1 when the city has moved on: nothing was
-- changed then.
local call = redis.call
if (call('HGET', KEYS[1], 'commit') or '') ~= ARGV[1] then return -1 end
local here = call('EXISTS', KEYS[1])
call('HSET', KEYS[1], 'kind', 'restoring', 'restore', ARGV[2])
call('HDEL', KEYS[1], 'epoch') -- no commit was decided in none
call('HSETNX', KEYS[1], 'version', ARGV[3])
return here
