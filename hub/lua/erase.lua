-- Forget a person in one step: what is named goes, the id is remembered as erased, the audit log says so.
--
-- KEYS[1]  {city}:head (routes to the city's slot)
-- ARGV[1]  MessagePack map:
--   p         key prefix
--   person    whom
--   commands  {{"DEL"|"HDEL"|"SREM"|"ZREM", key, ...}, ...}
--   sessions  {{key, expires}, ...}: sign-ins of staff: of each only that it is revoked stays, as long as its token might do
--   audit     blob
--
-- Returns the time in ms.
local c = cmsgpack.unpack(ARGV[1])
local call = redis.call
local head = call('HMGET', KEYS[1], 'commit', 'at')
local time = call('TIME')
local at = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), tonumber(head[2] or 0))
for _, command in ipairs(c.commands) do call(unpack(command)) end
for _, session in ipairs(c.sessions) do
  call('DEL', session[1])
  call('HSET', session[1], 'revoked', '1', 'expires', session[2])
  call('PEXPIREAT', session[1], session[2])
end
call('HDEL', c.p .. 'person_keys', c.person)
call('ZADD', c.p .. 'erased', string.format('%.0f', at), c.person)
call('XADD', c.p .. 'audit', 'MAXLEN', '~', 1000000, '*', 'commit', head[1] or '0', 'at', string.format('%.0f', at), 'e', c.audit)
return string.format('%.0f', at)
