local ops = {}

-- Make the known feeds exactly these. What a removed feed carried begins to expire, its state goes.
function ops.sync(expiry_s)
  local wanted = {}
  for i = 5, #ARGV do wanted[ARGV[i]] = true end
  for _, feed in ipairs(redis.call('ZRANGE', P .. 'feeds', 0, -1)) do
    if not wanted[feed] then
      for _, id in ipairs(redis.call('SMEMBERS', P .. 'fm:' .. feed)) do depart(id, feed, expiry_s) end
      redis.call('DEL', P .. 'fm:' .. feed, P .. 'f:' .. feed)
      redis.call('ZREM', P .. 'feeds', feed)
    end
  end
  for feed in pairs(wanted) do redis.call('ZADD', P .. 'feeds', 'NX', now, feed) end
  return 1
end

function ops.due(limit, silence_ms)
  follow_clock()
  local feeds = redis.call('ZRANGEBYSCORE', P .. 'feeds', '-inf', now, 'LIMIT', 0, limit)
  for _, feed in ipairs(feeds) do redis.call('ZADD', P .. 'feeds', now + silence_ms, feed) end
  return feeds
end

function ops.update(feed, due_at)
  if #ARGV > 5 then redis.call("HSET", P .. "f:" .. feed, unpack(ARGV, 6)) end
  redis.call('ZADD', P .. 'feeds', 'XX', due_at, feed)
  return 1
end

-- Several updates in one step: each is feed, due time, number of fields, then names and values.
function ops.update_many()
  local at = 4
  while at <= #ARGV do
    local feed, due_at, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    if count > 0 then redis.call('HSET', P .. 'f:' .. feed, unpack(ARGV, at + 3, at + 2 + 2 * count)) end
    redis.call('ZADD', P .. 'feeds', 'XX', due_at, feed)
    at = at + 3 + 2 * count
  end
  return 1
end

return ops[ARGV[3]](ARGV[4], ARGV[5])
