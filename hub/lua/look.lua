-- Note who was shown whose card: once per viewer, thing and window.
--
-- KEYS[1]  {city}:head (routes to the city's slot)
-- ARGV[1]  MessagePack map:
--   p        key prefix
--   window   ms in which a viewer's further looks at the same thing are none
--   keep     s that a person may read their looks; 0: they are kept in the audit log alone
--   most     looks that are kept for a person to read
--   looks    {{looked key, looks key, row blob, audit blob}, ...}
--
-- Returns how many were new.
local c = cmsgpack.unpack(ARGV[1])
local call = redis.call
local head = call('HMGET', KEYS[1], 'commit', 'at')
local new = 0
for _, look in ipairs(c.looks) do
  if call('SET', look[1], '1', 'NX', 'PX', c.window) then
    new = new + 1
    call('XADD', c.p .. 'audit', 'MAXLEN', '~', 1000000, '*', 'commit', head[1] or '0', 'at', head[2] or '0', 'e', look[4])
    if c.keep > 0 then
      call('LPUSH', look[2], look[3])
      call('LTRIM', look[2], 0, c.most - 1)
      call('EXPIRE', look[2], c.keep)
    end
  end
end
return new
