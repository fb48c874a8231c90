local key, owner, ttl_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local holder = redis.call('GET', key)
if ttl_ms == 0 then
  if holder == owner then redis.call('DEL', key) end
  return 0
end
if holder and holder ~= owner then return 0 end
redis.call('SET', key, owner, 'PX', ttl_ms)
return 1
