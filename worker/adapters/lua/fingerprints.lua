-- Near-duplicate buckets of this week and the last.
--   fd:<week>:<shard>          hash: doc (6 bytes) → article 16, story 16, shingles 2, signature 128 bytes
--   fb:<band>:<week>:<shard>   hash: bucket (4 bytes) → doc; the first owner stays
-- Hashes are sharded so that each stays in one block of memory, and carry the week so that they expire as a whole.
local P, op, week, last, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local doc, shard, record = ARGV[6], ARGV[7], ARGV[8]

local function docs(of_week, of_shard) return P .. 'fd:' .. of_week .. ':' .. of_shard end

local function shard_of(id) return (string.byte(id, 1) * 256 + string.byte(id, 2)) % 1024 end

local function put_new(key, field, value)
  if redis.call('HSETNX', key, field, value) == 1 and redis.call('HLEN', key) == 1 then
    redis.call('EXPIRE', key, ttl)
  end
end

local function find(id)
  local number = shard_of(id)
  return redis.call('HGET', docs(week, number), id) or redis.call('HGET', docs(last, number), id)
end

local function hex(bytes)
  return (string.gsub(bytes, '.', function(char) return string.format('%02x', string.byte(char)) end))
end

if op == 'assign' then
  for _, of_week in ipairs({week, last}) do
    local key = docs(of_week, shard)
    local found = redis.call('HGET', key, doc)
    if found then redis.call('HSET', key, doc, string.sub(found, 1, 16) .. record .. string.sub(found, 33)) end
  end
  return {}
end

if not find(doc) then put_new(docs(week, shard), doc, record) end
local seen, answer = {[doc] = true}, {}
for index = 9, #ARGV, 2 do
  local band = P .. 'fb:' .. (index - 9) / 2 .. ':'
  local bucket, number = ARGV[index], ARGV[index + 1]
  local key = band .. week .. ':' .. number
  for _, owner in ipairs({redis.call('HGET', key, bucket), redis.call('HGET', band .. last .. ':' .. number, bucket)}) do
    if owner and not seen[owner] then
      seen[owner] = true
      local found = find(owner)
      if found then answer[#answer + 1] = hex(found) end
    end
  end
  put_new(key, bucket, doc)
end
return answer
