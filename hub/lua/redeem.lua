-- Redeem a one-time enrolment code: the sign-in appears and the code goes, at once.
--
-- KEYS[1]  {city}:head
-- ARGV     1 enrolment key, 2 session key, 3 token digest, 4 key prefix, 5 created_at, 6 expires_at
-- Returns the enrolment (MessagePack map) or false when there is none.
local call = redis.call
local blob = call('GET', ARGV[1])
if not blob then return false end
local who = cmsgpack.unpack(blob)
call('HSET', ARGV[2], 'created', ARGV[5], 'expires', ARGV[6])
for _, field in ipairs({'person', 'role', 'name', 'desk', 'shop', 'van', 'vehicle'}) do
  if who[field] then call('HSET', ARGV[2], field, who[field]) end
end
call('SADD', ARGV[4] .. 'sessions:' .. who['person'], ARGV[3])
call('DEL', ARGV[1])
return blob
