-- Read one topic's table at one commit.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 topic
-- Returns {epoch, offset, {id, view, ...}, {id, fix, ...}}; offset is the topic's last change, 0 for none.
local p, topic = ARGV[1], ARGV[2]
return {
  redis.call('HGET', KEYS[1], 'epoch') or '',
  tonumber(redis.call('HGET', p .. 'offsets', topic) or 0),
  redis.call('HGETALL', p .. 'table:' .. topic),
  redis.call('HGETALL', p .. 'fixes:' .. topic),
}
