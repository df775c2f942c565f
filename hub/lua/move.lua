-- Take some keys of a closed city (`close.lua`): what lies beside goes to its place, what is of before goes.
--
-- KEYS[1]  {city}:head
-- ARGV     1 the name of this restore, 2 key prefix, 3 the same of what lies beside, 4... keys
-- Returns {how many took their places, processor time in us}; {-1} when another restore has begun: nothing was changed.
local has = rawget(_G, 'os') -- Redis 7.0 lets no script read a clock: 0 there
local clock = has and has.clock or function() return 0 end
local call, beside, began, count = redis.call, ARGV[3], clock(), 0
local head = call('HMGET', KEYS[1], 'kind', 'restore')
if head[1] ~= 'restoring' or head[2] ~= ARGV[1] then return {-1} end
for i = 4, #ARGV do
  local key = ARGV[i]
  if string.sub(key, 1, #beside) ~= beside then
    call('UNLINK', key)
  elseif call('EXISTS', key) == 1 then -- an error after a write is not rolled back
    call('RENAME', key, ARGV[2] .. string.sub(key, #beside + 1))
    count = count + 1
  end
end
return {count, math.floor((clock() - began) * 1e6)}
