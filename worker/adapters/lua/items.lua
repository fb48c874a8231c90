-- What the ledger's and the feeds' scripts share. Every script is one atomic step.
--
-- Keys under the prefix:
--   i:<item>       hash, one item (fields below)      due:<stage>  item → due time, or end of its lease
--   ring:<stage>   item → when to ring it next        parked       item → since when
--   reopen         item → when to fetch it again      counters     what was ever counted
--   f:<feed>       hash, a feed's state               feeds        feed → next poll
--   fm:<feed>      set of items it carries now        clock        the latest time that a tick saw
-- Fields of an item: f feed, e entry, h entry hash, t topics, o origin, s stage, v version, a attempts,
--   k this claim counted one, c created, u updated, l lease owner, b capture, A article, O outcome, R reason,
--   T trace, H input hash, p parked from, y history, m changed meanwhile, w feeds that carry it.
-- Times are milliseconds; ARGV is prefix, now, operation, then what the operation takes.

local P, now = ARGV[1], tonumber(ARGV[2])
local HISTORY_LINES = 20
local JUMP_MS = 600000 -- a clock that goes back further than this has been set, not merely corrected

local function item_key(id) return P .. 'i:' .. id end

local function get(key, field) return redis.call('HGET', key, field) end

-- Add a line to the item's story. The same line again only moves its time: a long wait is one line.
local function note(key, what, detail)
  local tail = '|' .. what .. '|' .. (detail or '')
  local lines = {}
  for line in string.gmatch(get(key, 'y') or '', '[^\n]+') do lines[#lines + 1] = line end
  if #lines > 0 and string.sub(lines[#lines], -#tail) == tail then table.remove(lines) end
  lines[#lines + 1] = string.format('%.0f', now) .. tail
  if #lines > HISTORY_LINES then table.remove(lines, 2) end -- the first one tells where it came from
  redis.call('HSET', key, 'y', table.concat(lines, '\n'))
end

local function wait_until(stage, id, at)
  redis.call('ZADD', P .. 'due:' .. stage, at, id)
  redis.call('ZADD', P .. 'ring:' .. stage, at, id)
end

local function stop_waiting(stage, id)
  redis.call('ZREM', P .. 'due:' .. stage, id)
  redis.call('ZREM', P .. 'ring:' .. stage, id)
end

-- Bring the item to `to`, free of any lease, due at `at`. Each change makes older claims worthless.
local function move(key, id, from, to, at)
  if from ~= to then stop_waiting(from, id) end
  redis.call('HSET', key, 's', to, 'u', now)
  redis.call('HDEL', key, 'l', 'k')
  redis.call('HINCRBY', key, 'v', 1)
  if at then wait_until(to, id, at) end
end

local function reopen(id)
  local key = item_key(id)
  redis.call('ZREM', P .. 'reopen', id)
  if get(key, 's') ~= 'settled' then return false end
  redis.call('HDEL', key, 'O', 'm', 'b', 'a')
  redis.call('PERSIST', key)
  redis.call('HINCRBY', P .. 'counters', 'items_reopened_total', 1)
  move(key, id, 'settled', 'queued', now)
  note(key, 'reopened', 'the entry changed')
  return true
end

local function expire_if_gone(key, expiry_s)
  if get(key, 's') == 'settled' and not get(key, 'w') then redis.call('EXPIRE', key, expiry_s) end
end

local function without(list, name)
  local kept = {}
  for one in string.gmatch(list or '', '[^,]+') do if one ~= name then kept[#kept + 1] = one end end
  return kept
end

local function arrive(key, feed)
  local carriers = without(get(key, 'w'), feed)
  carriers[#carriers + 1] = feed
  redis.call('HSET', key, 'w', table.concat(carriers, ','))
  redis.call('PERSIST', key)
end

local function depart(id, feed, expiry_s)
  local key = item_key(id)
  local carriers = get(key, 'w')
  if not carriers then return end
  local left = without(carriers, feed)
  if #left > 0 then
    redis.call('HSET', key, 'w', table.concat(left, ','))
  else
    redis.call('HDEL', key, 'w')
    expire_if_gone(key, expiry_s)
  end
end

-- A clock set back would make everything wait as long as it was set back: move all times with it.
local function follow_clock()
  local last = tonumber(redis.call('GET', P .. 'clock') or now)
  if now < last - JUMP_MS then
    for _, name in ipairs({'due:queued', 'due:fetched', 'ring:queued', 'ring:fetched', 'reopen', 'feeds'}) do
      local flat = redis.call('ZRANGE', P .. name, 0, -1, 'WITHSCORES')
      for i = 1, #flat, 2 do redis.call('ZADD', P .. name, tonumber(flat[i + 1]) + now - last, flat[i]) end
    end
  end
  redis.call('SET', P .. 'clock', now)
end
