-- One atomic commit for every service.
--
-- KEYS[1]  {city}:head (routes to the city's slot; every other key shares its hash tag)
-- ARGV[1]  MessagePack map:
--   p        key prefix "{35.76}:"
--   epoch    the epoch the decision was made in
--   out      {key, ttl_ms, blob} or false: the outcome to record for (person, command id)
--   checks   {{thing key, version read}, ...}: writes and guards
--   claims   {{key, holder, free}, ...}
--   writes   {{thing key, blob or false}, ...}
--   index    {{"sadd"|"srem", key, member} | {"geoadd", key, member, lat, lon} | {"zrem", key, member}, ...}
--   lanes    {{lane, {topic, ...}, {id, ...}, {view or false, ...}, packed changes}, ...}; one packed list per lane
--   timers   {{lane, timer id, due or false, cmd+data blob}, ...}
--   done     {lane, timer id, version} or false: the timer whose command this is
--   session  {key, sessions key, digest, {field, value, ...}} or false: recorded with the first durable command
--   audit    blob or false
--   seal     {person, key, fresh} or false: what sealed personal fields in `audit`; a fresh key is kept,
--            another one must stand as it was read
--
-- Returns {"known", outcome} | {"conflict", what} | {"epoch", epoch} | {"ok", commit, at}.
-- Everything that can refuse is read before the first write: an error after a write is not rolled back.
local c = cmsgpack.unpack(ARGV[1])
local p = c.p
local call = redis.call

if c.out then
  local known = call('GET', c.out[1])
  if known then
    if c.done and call('HGET', p .. 'timer:' .. c.done[1], c.done[2] .. '|v') == c.done[3] then
      call('ZREM', p .. 'timers:' .. c.done[1], c.done[2])
      call('HDEL', p .. 'timer:' .. c.done[1], c.done[2], c.done[2] .. '|v')
    end
    return {'known', known}
  end
end
if c.done and call('HGET', p .. 'timer:' .. c.done[1], c.done[2] .. '|v') ~= c.done[3] then
  return {'conflict', 'timer'} -- replaced or cancelled since it was leased
end
local head = call('HMGET', KEYS[1], 'epoch', 'commit', 'at')
if head[1] ~= c.epoch then return {'epoch', head[1] or ''} end
for _, check in ipairs(c.checks) do
  local v = call('HGET', check[1], 'v')
  if tonumber(v or 0) ~= check[2] then return {'conflict', check[1]} end
end
for _, claim in ipairs(c.claims) do
  local holder = call('GET', claim[1])
  if holder and holder ~= claim[2] then return {'conflict', claim[1]} end
end
if c.seal then
  local held = call('HGET', p .. 'person_keys', c.seal[1])
  if (c.seal[3] and held) or (not c.seal[3] and held ~= c.seal[2]) then return {'conflict', 'key'} end
end
local topics = 0
local prevs = {}
for _, lane in ipairs(c.lanes) do
  local mine = {}
  for i, topic in ipairs(lane[2]) do
    if prevs[topic] == nil then
      topics = topics + 1
      prevs[topic] = call('HGET', p .. 'offsets', topic) or '0'
    end
    mine[i] = prevs[topic]
  end
  lane[6] = table.concat(mine, ',')
end
if topics > 32 then return redis.error_reply('ERR a commit touches at most 32 topics') end

local time = call('TIME')
local at = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), tonumber(head[3] or 0))
local commit = tonumber(head[2] or 0)
local writes_state = #c.writes > 0 or #c.claims > 0 or #c.index > 0 or #c.lanes > 0 or #c.timers > 0
-- ---- first write below this line ----
if writes_state then
  commit = commit + 1
  call('HSET', KEYS[1], 'commit', string.format('%.0f', commit), 'at', string.format('%.0f', at))
end
local number = string.format('%.0f', commit)
if c.done then
  call('ZREM', p .. 'timers:' .. c.done[1], c.done[2])
  call('HDEL', p .. 'timer:' .. c.done[1], c.done[2], c.done[2] .. '|v')
end
for _, write in ipairs(c.writes) do
  if write[2] then call('HSET', write[1], 'v', number, 's', write[2]) else call('DEL', write[1]) end
end
for _, claim in ipairs(c.claims) do
  if claim[3] then call('DEL', claim[1]) else call('SET', claim[1], claim[2]) end
end
for _, entry in ipairs(c.index) do
  if entry[1] == 'geoadd' then
    call('GEOADD', entry[2], entry[5], entry[4], entry[3])
  else
    call(entry[1], entry[2], entry[3])
  end
end
for _, timer in ipairs(c.timers) do
  local due, blobs = p .. 'timers:' .. timer[1], p .. 'timer:' .. timer[1]
  if timer[3] then
    call('ZADD', due, timer[3], timer[2])
    call('HSET', blobs, timer[2], timer[4], timer[2] .. '|v', number)
  else
    call('ZREM', due, timer[2])
    call('HDEL', blobs, timer[2], timer[2] .. '|v')
  end
end
if c.session then
  if call('EXISTS', c.session[1]) == 0 then
    call('HSET', c.session[1], unpack(c.session[4]))
    call('SADD', c.session[2], c.session[3])
  end
end
if c.seal and c.seal[3] then call('HSET', p .. 'person_keys', c.seal[1], c.seal[2]) end
if c.out then call('SET', c.out[1], c.out[3], 'PX', c.out[2]) end
if c.audit then
  -- the janitor trims behind the archive; this is the last resort (AUDIT_MOST of hub/keys.py)
  call('XADD', p .. 'audit', 'MAXLEN', '~', 1000000, '*', 'commit', number, 'at', string.format('%.0f', at), 'e', c.audit)
end
for _, lane in ipairs(c.lanes) do
  for i, topic in ipairs(lane[2]) do
    local view = lane[4][i]
    if view then
      call('HSET', p .. 'table:' .. topic, lane[3][i], view)
    else
      call('HDEL', p .. 'table:' .. topic, lane[3][i])
      call('HDEL', p .. 'fixes:' .. topic, lane[3][i])
    end
    call('HSET', p .. 'offsets', topic, number)
  end
  local lane_prev = call('HGET', p .. 'lanes', lane[1]) or '0'
  local entry = table.concat({number, head[1], lane_prev, string.format('%.0f', at), lane[6]}, ' ') .. '\n' .. lane[5]
  call('XADD', p .. 'log:' .. lane[1], number .. '-0', 'e', entry)
  call('HSET', p .. 'lanes', lane[1], number)
  call('PUBLISH', p .. 'bus:' .. lane[1], entry)
end
return {'ok', commit, at}
