-- Read keys whole, for a backup; nothing is written.
--
-- KEYS[1]  {city}:head
-- ARGV     1 the commit at which the city must stand still, or '' for any, 2 how many elements a collection may
--          have (0: any number), 3... the keys
-- Returns {commit} alone when the city stands at another commit, else
--         {commit, processor time in us, {type, ms that it still lives or -1, value}, ...} in the order of the keys.
-- The value: a text; a flat list (hash: field, value, ...; zset: member, score, ...; stream: id, {field, value, ...}, ...);
-- of a collection with more elements than ARGV[2] their number. {'none'} for a key that is not there.
local has = rawget(_G, 'os') -- Redis 7.0 lets no script read a clock: 0 there
local clock = has and has.clock or function() return 0 end
local call, began = redis.call, clock()
local commit = call('HGET', KEYS[1], 'commit') or '0'
if ARGV[1] ~= '' and ARGV[1] ~= commit then return {commit} end
local most = tonumber(ARGV[2])
local size = {hash = 'HLEN', set = 'SCARD', zset = 'ZCARD', list = 'LLEN'}
local found = {commit, 0}
for i = 3, #ARGV do
  local key = ARGV[i]
  local type = call('TYPE', key).ok
  local value = false
  local count = size[type] and most > 0 and call(size[type], key) or 0
  if count > most then
    value = count
  elseif type == 'string' then
    value = call('GET', key)
  elseif type == 'hash' then
    value = call('HGETALL', key)
  elseif type == 'set' then
    value = call('SMEMBERS', key)
  elseif type == 'zset' then
    value = call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif type == 'list' then
    value = call('LRANGE', key, 0, -1)
  end
  if value then
    found[#found + 1] = {type, call('PTTL', key), value}
  else
    found[#found + 1] = {type == 'none' and type or 'other:' .. type}
  end
end
found[2] = math.floor((clock() - began) * 1e6)
return found
