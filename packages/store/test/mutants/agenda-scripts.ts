import { type MutantsByScript } from './mutants-by-script.ts';

/** Schedules and whatever else has an agenda. */
export const agendaMutants: MutantsByScript = {
  'commit-agenda': [
    { find: 'found ~= from', replace: 'false', why: 'a stale state overwrites a newer one' },
    { find: 'if found == revision or', replace: 'if', why: 'a resent commit is a conflict' },
    {
      find: "or (state == '' and found == '')",
      replace: '',
      why: 'a resent removal is a conflict',
    },
    { find: "redis.call('ZREM', dueKey, id)", replace: '', why: 'what rests is looked at' },
    { find: "redis.call('HDEL', entriesKey, id)", replace: '', why: 'nothing is ever removed' },
    { find: "redis.call('DEL', logKey)", replace: '', why: 'logs stay for ever' },
    { find: "if dueAt ~= '' then", replace: 'if false then', why: 'nothing is ever due' },
    { find: "'LPUSH'", replace: "'RPUSH'", why: 'the oldest line is the newest' },
    {
      find: "redis.call('HSET', entriesKey, id, revision",
      replace: "redis.call('HSETNX', entriesKey, id, revision",
      why: 'an entry never changes',
    },
  ],
  'take-agenda': [
    { find: 'now + againMs', replace: 'now', why: 'an entry is taken by everybody at once' },
    { find: 'now + againMs', replace: 'now + againMs + 1', why: 'a dead taker costs more' },
    { find: "'-inf', now,", replace: "'-inf', '(' .. now,", why: 'what is due now waits' },
    { find: "'LIMIT', 0, limit", replace: "'LIMIT', 0, limit + 1", why: 'a pass is not bounded' },
    {
      find: "redis.call('ZADD', dueKey, now + againMs, id)",
      replace: "redis.call('ZREM', dueKey, id)",
      why: 'a taker that dies takes the entry with it',
    },
    { find: 'local reply = { now }', replace: 'local reply = { now + 1 }', why: 'another clock' },
  ],
};
