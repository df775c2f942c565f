-- Redeem a one-time enrolment code: the sign-in appears, the code goes, and what it replaces is signed out, at once.
--
-- KEYS[1]  {city}:head
-- ARGV     1 enrolment key, 2 session key, 3 token digest, 4 key prefix, 5 created_at, 6 expires_at
-- The enrolment's `replace` is the first 32 digits of one sign-in's digest, or `all`: every other sign-in of the
-- person and every code of theirs that nobody used yet.
-- The record of a sign-in goes a day after its end, and its digest with the person's next one: who signs in daily by
-- the city's account would leave hundreds a year.
-- Returns false when there is no such code, else a list: the enrolment (MessagePack map), then the digests of the
-- sign-ins that were ended; every hub has yet to hear of those.
local call = redis.call
local blob = call('GET', ARGV[1])
if not blob then return false end
local who = cmsgpack.unpack(blob)
local told, prefix = {blob}, ARGV[4]
local sessions, codes = prefix .. 'sessions:' .. who['person'], prefix .. 'codes:' .. who['person']
local replace = who['replace']
if replace then
  for _, digest in ipairs(call('SMEMBERS', sessions)) do
    local key = prefix .. 'session:' .. digest
    local its = replace == 'all' or string.sub(digest, 1, #replace) == replace
    if its and call('EXISTS', key) == 1 and call('HSETNX', key, 'revoked', '1') == 1 then
      told[#told + 1] = digest
    end
  end
end
if replace == 'all' then
  for _, code in ipairs(call('SMEMBERS', codes)) do call('DEL', prefix .. 'enrol:' .. code) end
  call('DEL', codes)
end
call('HSET', ARGV[2], 'created', ARGV[5], 'expires', ARGV[6])
for _, field in ipairs({'person', 'role', 'name', 'desk', 'shop', 'van', 'vehicle', 'via'}) do
  if who[field] then call('HSET', ARGV[2], field, who[field]) end
end
call('PEXPIREAT', ARGV[2], string.format('%.0f', ARGV[6] + 86400000))
for _, digest in ipairs(call('SMEMBERS', sessions)) do
  if call('EXISTS', prefix .. 'session:' .. digest) == 0 then call('SREM', sessions, digest) end
end
call('SADD', sessions, ARGV[3])
call('DEL', ARGV[1])
return told
