-- One request per host at a time, a gap between starts, a place in line for each who waits.
--   h:<host>   hash: b who is inside, bu until when at most, nb nobody starts before, at last touched
--   hq:<host>  item → its slot
local P, now = ARGV[1], tonumber(ARGV[2])
local BACK_MS, KEEP_S = 60000, 7200

local function carry_out(op, host, item, first, second)
  local state, line = P .. 'h:' .. host, P .. 'hq:' .. host
  local found = redis.call('HMGET', state, 'b', 'bu', 'nb', 'at')
  local inside, inside_until = found[1], tonumber(found[2] or 0)
  local not_before = tonumber(found[3] or 0)

  if now < tonumber(found[4] or 0) - BACK_MS then -- the clock was set back: the times kept here mean nothing now
    redis.call('DEL', state, line)
    inside, inside_until, not_before = false, 0, 0
  end

  local function keep(...)
    redis.call('HSET', state, 'at', now, ...)
    local last = math.max(inside_until, not_before, now)
    redis.call('EXPIRE', state, KEEP_S + math.ceil((last - now) / 1000))
  end

  local function last_slot_of_others()
    local top = redis.call('ZREVRANGE', line, 0, 1, 'WITHSCORES')
    if top[1] and top[1] ~= item then return tonumber(top[2]) end
    return top[4] and tonumber(top[4])
  end

  if op == 'enter' then
    local gap, hold = tonumber(first), tonumber(second)
    redis.call('ZREMRANGEBYSCORE', line, '-inf', now - KEEP_S * 1000)
    local busy = inside and inside ~= item and inside_until > now
    local mine = tonumber(redis.call('ZSCORE', line, item) or -1)
    if mine > now and mine >= not_before then return mine end
    local slot = mine
    if mine < 0 or busy or not_before > now then
      local last = last_slot_of_others()
      slot = math.max(now, not_before, busy and now + gap or 0, last and last + gap or 0)
    end
    if slot > now then
      redis.call('ZADD', line, slot, item)
      redis.call('EXPIRE', line, KEEP_S + math.ceil((slot - now) / 1000))
      return slot
    end
    redis.call('ZREM', line, item)
    inside_until, not_before = now + hold, now + gap
    keep('b', item, 'bu', inside_until, 'nb', not_before)
    return 0
  end

  if inside == item then
    inside_until = 0
    redis.call('HDEL', state, 'b', 'bu')
  end
  not_before = math.max(not_before, tonumber(first))
  keep('nb', not_before)
  return 0
end

if ARGV[3] == 'enter_many' then -- gap, hold, then host and item of each
  local slots = {}
  for at = 6, #ARGV, 2 do slots[#slots + 1] = carry_out('enter', ARGV[at], ARGV[at + 1], ARGV[4], ARGV[5]) end
  return slots
end
return carry_out(ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
