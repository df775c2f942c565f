-- Put deliveries into the queues of their webhooks, together with the position they were read up to; or put dead
-- letters back.
--
-- KEYS[1]  {city}:head
-- ARGV     1 key prefix, 2 the feed's position as the caller knows it ("<epoch> <commit>", '' for none yet),
--          3 the position after these ('' leaves it: dead letters), 4 most that may wait when dead letters come back,
--          5 MessagePack list of {person, delivery id, commit, thing or false, body or false (take its dead letter)}
-- Returns {1 when taken, 0 when the feed is elsewhere, epoch, commit, {person, how many wait, ...}, how many put}.
-- All or nothing: a feeder that dies after this has delivered nothing twice and lost nothing. A webhook that is gone,
-- or was set after the change, gets nothing.
local call, p = redis.call, ARGV[1]
local feed = p .. 'hookfeed'
if ARGV[3] ~= '' then
  local at = call('HMGET', feed, 'epoch', 'commit')
  local known = at[1] and (at[1] .. ' ' .. at[2]) or ''
  if known ~= ARGV[2] then return {0, at[1] or '', tonumber(at[2] or 0), {}, 0} end
end
local time = call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local hooks, most, put, told = {}, tonumber(ARGV[4]), 0, {}
for _, item in ipairs(cmsgpack.unpack(ARGV[5])) do
  local person, id, thing, body = item[1], item[2], item[4], item[5]
  if hooks[person] == nil then
    local hook = call('HGET', p .. 'hooks', person)
    hooks[person] = hook and cmsgpack.unpack(hook) or false
  end
  local hook = hooks[person]
  local wanted = hook and (not body or item[3] > hook.after)
  if wanted and not body then
    local letter = call('ZCARD', p .. 'hook:age:' .. person) < most and call('HGET', p .. 'hook:letter:' .. person, id)
    if letter then
      letter = cmsgpack.unpack(letter)
      thing, body = letter[1], letter[2]
      call('HDEL', p .. 'hook:letter:' .. person, id)
      call('ZREM', p .. 'hook:dead:' .. person, id)
    end
  end
  if wanted and body and call('HSETNX', p .. 'hook:item:' .. person, id, cmsgpack.pack({thing, body})) == 1 then
    call('ZADD', p .. 'hook:age:' .. person, call('HINCRBY', feed, 'seq', 1), id)
    if call('RPUSH', p .. 'hookline:' .. person .. ':' .. thing, id) == 1 then
      call('ZADD', p .. 'hook:due:' .. person, now, thing)
    end
    told[person], put = true, put + 1
  end
end
local at = {'', 0}
if ARGV[3] ~= '' then
  local epoch, commit = string.match(ARGV[3], '^(%S*) (%d+)$')
  call('HSET', feed, 'epoch', epoch, 'commit', commit)
  at = {epoch, tonumber(commit)}
end
local waiting = {}
for person in pairs(told) do
  waiting[#waiting + 1] = person
  waiting[#waiting + 1] = call('ZCARD', p .. 'hook:age:' .. person)
end
return {1, at[1], at[2], waiting, put}
