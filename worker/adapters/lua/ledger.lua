local LEASE_MS, MAX_ATTEMPTS, REOPEN_MS, EXPIRY_S, RING_MS, RETRY_MS = unpack(cjson.decode(ARGV[4]))
local arg = {unpack(ARGV, 5, 12)}
local ops = {}

-- Is this claim still the one? The version alone decides: a lease that ran out and that nobody took is still good.
local function held(id, version, owner)
  local key = item_key(id)
  local found = redis.call('HMGET', key, 'v', 'l', 's')
  if found[1] == version and found[2] == owner then return key, found[3] end
end

local function park(key, id, from, reason)
  redis.call('HSET', key, 'p', from, 'R', reason, 'H', get(key, 'b') or get(key, 'h'))
  move(key, id, from, 'parked')
  redis.call('ZADD', P .. 'parked', now, id)
  note(key, 'parked', reason)
end

local function settle(key, id, from, outcome, entry)
  redis.call('HSET', key, 'O', outcome)
  redis.call('HDEL', key, 'a', 'R', 'T', 'H', 'p')
  move(key, id, from, 'settled')
  redis.call('HINCRBY', P .. 'counters', 'items_total{outcome="' .. outcome .. '"}', 1)
  note(key, 'settled', outcome)
  if get(key, 'm') then
    redis.call('ZADD', P .. 'reopen', now + REOPEN_MS, id)
  elseif entry ~= '' then
    redis.call('HSET', key, 'e', entry)
  end
  expire_if_gone(key, EXPIRY_S)
end

function ops.claim(id, stage, owner, risky)
  local key = item_key(id)
  local found = redis.call('HMGET', key, 's', 'a', 'l')
  if not found[1] then return {'unknown'} end
  if found[1] ~= stage then return {'wrong_stage'} end
  local at = tonumber(redis.call('ZSCORE', P .. 'due:' .. stage, id) or now)
  if at > now then return {found[3] and 'leased' or 'not_due', string.format('%.0f', at)} end
  local attempts = tonumber(found[2] or 0)
  if risky == '1' then
    if attempts >= MAX_ATTEMPTS then
      park(key, id, stage, 'crashed')
      return {'parked'}
    end
    redis.call('HSET', key, 'a', attempts + 1, 'k', 1)
    note(key, 'attempt', tostring(attempts + 1))
  else
    redis.call('HDEL', key, 'k')
  end
  redis.call('HSET', key, 'l', owner)
  redis.call('HINCRBY', key, 'v', 1)
  wait_until(stage, id, now + LEASE_MS)
  return {'claimed', string.format('%.0f', now + LEASE_MS), redis.call('HGETALL', key)}
end

function ops.fetched(id, version, owner, capture)
  local key, stage = held(id, version, owner)
  if not key or stage ~= 'queued' then return 0 end
  redis.call('HSET', key, 'b', capture)
  move(key, id, stage, 'fetched', now)
  note(key, 'fetched')
  return 1
end

function ops.refetch(id, version, owner)
  local key, stage = held(id, version, owner)
  if not key or stage ~= 'fetched' then return 0 end
  if tonumber(get(key, 'a') or 0) >= MAX_ATTEMPTS then
    park(key, id, stage, 'body_lost')
    return 1
  end
  redis.call('HDEL', key, 'b')
  move(key, id, stage, 'queued', now)
  note(key, 'refetch', 'its body is gone')
  return 1
end

function ops.defer(id, version, owner, at, reason, refund)
  local key, stage = held(id, version, owner)
  if not key then return 0 end
  if refund == '1' and get(key, 'k') then redis.call('HINCRBY', key, 'a', -1) end
  move(key, id, stage, stage, tonumber(at))
  note(key, 'deferred', reason)
  return 1
end

function ops.fail(id, version, owner, reason, trace)
  local key, stage = held(id, version, owner)
  if not key then return 0 end
  if not get(key, 'k') then redis.call('HINCRBY', key, 'a', 1) end
  redis.call('HSET', key, 'R', reason, 'T', trace)
  note(key, 'failed', reason)
  if tonumber(get(key, 'a')) >= MAX_ATTEMPTS then
    park(key, id, stage, reason)
  else
    move(key, id, stage, stage, now + RETRY_MS)
  end
  return 1
end

function ops.settle(id, version, owner, outcome, article, entry)
  local key, stage = held(id, version, owner)
  if not key then return 0 end
  if article ~= '' then redis.call('HSET', key, 'A', article) end
  settle(key, id, stage, outcome, entry)
  return 1
end

function ops.due(stage, limit)
  follow_clock()
  if stage == 'queued' then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'reopen', '-inf', now, 'LIMIT', 0, limit)) do reopen(id) end
  end
  local ids = redis.call('ZRANGEBYSCORE', P .. 'ring:' .. stage, '-inf', now, 'LIMIT', 0, limit)
  for _, id in ipairs(ids) do redis.call('ZADD', P .. 'ring:' .. stage, now + RING_MS, id) end
  return ids
end

function ops.release(id)
  local key = item_key(id)
  if get(key, 's') ~= 'parked' then return 0 end
  local to = (get(key, 'p') == 'fetched' and get(key, 'b')) and 'fetched' or 'queued'
  redis.call('HDEL', key, 'a', 'R', 'T', 'H', 'p')
  redis.call('ZREM', P .. 'parked', id)
  move(key, id, 'parked', to, now)
  note(key, 'released')
  return 1
end

function ops.drop(id)
  local key = item_key(id)
  if get(key, 's') ~= 'parked' then return 0 end
  redis.call('ZREM', P .. 'parked', id)
  settle(key, id, 'parked', 'dropped', '')
  return 1
end

-- End an item as deleted on request, wherever it stands. One that was settled has been counted already.
function ops.erase(id, entry)
  local key = item_key(id)
  local stage = get(key, 's')
  if not stage then return 0 end
  redis.call('HDEL', key, 'm', 'b', 'T')
  redis.call('ZREM', P .. 'parked', id)
  redis.call('ZREM', P .. 'reopen', id)
  if stage ~= 'settled' then
    settle(key, id, stage, 'deleted', entry)
  elseif get(key, 'O') ~= 'deleted' then
    redis.call('HSET', key, 'O', 'deleted', 'e', entry)
    note(key, 'deleted', 'on request')
  end
  return 1
end

-- Records of the ids, each with the time that it waits for.
function ops.read()
  local found = {}
  for i = 5, #ARGV do
    local key = item_key(ARGV[i])
    local stage = get(key, 's')
    local at = stage and redis.call('ZSCORE', P .. 'due:' .. stage, ARGV[i])
    found[#found + 1] = {redis.call('HGETALL', key), at or false}
  end
  return found
end

local function create(key, item, feed)
  local fields = {'f', item.f, 'e', item.e, 'h', item.h, 's', item.s, 'v', 1, 'c', now, 'u', now, 'o', item.o}
  if item.t ~= '' then fields[#fields + 1] = 't'; fields[#fields + 1] = item.t end
  if item.b ~= '' then fields[#fields + 1] = 'b'; fields[#fields + 1] = item.b end
  redis.call('HSET', key, unpack(fields))
  wait_until(item.s, item.id, now)
  note(key, item.s, feed)
end

-- The entry's words changed. True if the item is to be fetched again now; else it is remembered for later.
local function change(key, item, stage, updated)
  if get(key, 'O') == 'deleted' then return false end
  redis.call('HSET', key, 'e', item.e, 'h', item.h)
  if stage == 'settled' then
    if now - updated >= REOPEN_MS then return reopen(item.id) end
    redis.call('HSET', key, 'm', 1)
    redis.call('ZADD', P .. 'reopen', updated + REOPEN_MS, item.id)
  elseif stage == 'fetched' or get(key, 'l') then
    redis.call('HSET', key, 'm', 1)
  end
  return false
end

-- Whether a feed may say that an entry changed: one feed speaks for it, or two feeds with two titles for the same
-- page would have it fetched for ever. The next one takes over when that feed no longer carries it.
local function speaks_for(key, item, owner, carriers)
  if item.f == owner then return true end
  if string.find(',' .. (carriers or '') .. ',', ',' .. owner .. ',', 1, true) then return false end
  redis.call('HSET', key, 'f', item.f, 'h', item.h)
  return false
end

-- ARGV from 5: feed or '', then per item: id, feed, entry hash, entry, topics, origin, stage, capture.
local function take_in(first, feed, result)
  local seen = {}
  for i = first, #ARGV, 8 do
    local item = {id = ARGV[i], f = ARGV[i + 1], h = ARGV[i + 2], e = ARGV[i + 3], t = ARGV[i + 4], o = ARGV[i + 5],
                  s = ARGV[i + 6], b = ARGV[i + 7]}
    if not seen[item.id] then
      seen[item.id] = true
      local key = item_key(item.id)
      local old = redis.call('HMGET', key, 's', 'h', 'u', 'f', 'w')
      if not old[1] then
        create(key, item, feed)
        table.insert(result[1], item.id)
      elseif old[2] ~= item.h and speaks_for(key, item, old[4], old[5])
          and change(key, item, old[1], math.min(tonumber(old[3]), now)) then
        table.insert(result[2], item.id)
      else
        result[3] = result[3] + 1
      end
    end
  end
  if #result[1] > 0 then redis.call('HINCRBY', P .. 'counters', 'items_created_total', #result[1]) end
  return seen
end

function ops.add()
  local result = {{}, {}, 0}
  take_in(5, '', result)
  return result
end

function ops.commit()
  local feed, due_at, fields = ARGV[5], ARGV[6], tonumber(ARGV[7])
  local state = {unpack(ARGV, 8, 7 + fields)}
  local result = {{}, {}, 0}
  local members = P .. 'fm:' .. feed
  local before = {}
  for _, id in ipairs(redis.call('SMEMBERS', members)) do before[id] = true end
  local seen = take_in(8 + fields, feed, result)
  for id in pairs(seen) do
    if not before[id] then
      redis.call('SADD', members, id)
      arrive(item_key(id), feed)
    end
  end
  for id in pairs(before) do
    if not seen[id] then
      redis.call('SREM', members, id)
      depart(id, feed, EXPIRY_S)
    end
  end
  if fields > 0 then redis.call('HSET', P .. 'f:' .. feed, unpack(state)) end
  redis.call('ZADD', P .. 'feeds', 'XX', due_at, feed)
  return result
end

return ops[ARGV[3]](unpack(arg))
