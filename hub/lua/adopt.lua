-- Adopt the store: decide whether its data are the ones that positions were counted in.
--
-- KEYS[1]  {city}:head
-- ARGV     1 a random word (the epoch to mint), 2 master_replid, 3 master_replid2,
--          4 kind (demo|real), 5 layout version, 6 the highest commit this process saw in epoch ARGV[7],
--          7 that epoch or '', 8 a random secret for a new city
-- Returns {epoch, commit, kind, version, minted (0|1)}.
-- A missing head, a promotion (the replication id changed and a second one is set: it need not be the one we
-- knew, for the first replica that attaches changes the master's), or a position ahead of the head mint a new
-- epoch; a plain restart keeps it. A missing number goes on above what the lanes have: a log takes no lower id.
local call = redis.call
local head = call('HMGET', KEYS[1], 'epoch', 'commit', 'replid', 'kind', 'version')
local minted = 0
if not head[4] then
  call('HSET', KEYS[1], 'kind', ARGV[4], 'version', ARGV[5])
  head[4], head[5] = ARGV[4], ARGV[5]
end
if head[4] ~= ARGV[4] or tonumber(head[5]) > tonumber(ARGV[5]) then
  return {head[1] or '', tonumber(head[2] or 0), head[4], tonumber(head[5]), 0}
end
local promoted = head[3] and head[3] ~= ARGV[2] and string.find(ARGV[3], '[^0]') ~= nil
local ahead = ARGV[7] ~= '' and head[1] == ARGV[7] and tonumber(ARGV[6]) > tonumber(head[2] or 0)
if not head[2] then
  local highest = 0
  for _, number in ipairs(call('HVALS', (string.gsub(KEYS[1], 'head$', 'lanes')))) do
    highest = math.max(highest, tonumber(number))
  end
  if highest > 0 then
    head[2] = string.format('%.0f', highest + 10000) -- things may have been written since the last entry
    call('HSET', KEYS[1], 'commit', head[2])
  end
end
if not head[1] or promoted or ahead then
  head[1] = ARGV[1]
  minted = 1
  call('HSET', KEYS[1], 'epoch', ARGV[1])
end
if head[3] ~= ARGV[2] then call('HSET', KEYS[1], 'replid', ARGV[2]) end
local secret = string.gsub(KEYS[1], 'head$', 'secret')
call('SET', secret, ARGV[8], 'NX')
return {head[1], tonumber(head[2] or 0), head[4], tonumber(head[5]), minted}
