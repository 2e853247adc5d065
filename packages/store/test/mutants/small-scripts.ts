import { type MutantsByScript } from './mutants-by-script.ts';

/** Locks, the fleet, the epoch, definitions. */
export const lockMutants: MutantsByScript = {
  'acquire-lock': [
    { find: 'if holder and', replace: 'if not holder and', why: 'a free lock is taken' },
    { find: ' and holder ~= token', replace: '', why: 'a resent call blocks itself' },
    { find: 'holder ~= token', replace: 'false', why: 'everybody is granted' },
    { find: "token, 'PX', leaseMs", replace: 'token', why: 'a lock of the dead never ends' },
    { find: "lockKey, token, 'PX'", replace: "lockKey, 'x', 'PX'", why: 'nobody holds it' },
  ],
  'extend-lock': [
    { find: '~= token', replace: '== token', why: 'the holder loses, others extend' },
    { find: "redis.call('GET', lockKey) ~= token", replace: 'false', why: 'others extend' },
    { find: "'PEXPIRE'", replace: "'EXPIRE'", why: 'a lease is a thousand times as long' },
    { find: "redis.call('PEXPIRE', lockKey, leaseMs)", replace: '', why: 'nothing is extended' },
    { find: "return { 'extended' }", replace: "return { 'lost' }", why: 'the holder gives up' },
  ],
  'release-lock': [
    { find: '~= token', replace: '== token', why: 'the holder cannot, others can' },
    { find: "redis.call('GET', lockKey) ~= token", replace: 'false', why: 'others release' },
    { find: "redis.call('DEL', lockKey)", replace: '', why: 'it waits for its lease' },
    { find: "'DEL', lockKey", replace: "'DEL', lockKey .. 'x'", why: 'another lock goes' },
    { find: "return { 'released' }", replace: "return { 'lost' }", why: 'a loss is reported' },
  ],
};

/** Processes that are alive. */
export const fleetMutants: MutantsByScript = {
  'beat-member': [
    {
      find: 'now - forgottenAfterMs',
      replace: 'now - forgottenAfterMs - 1',
      why: 'the dead stay for longer',
    },
    {
      find: "redis.call('HDEL', infoKey, unpack(forgotten))",
      replace: '',
      why: 'descriptions of the dead stay for ever',
    },
    {
      find: "redis.call('ZREM', membersKey, unpack(forgotten))",
      replace: '',
      why: 'moments of the dead stay for ever',
    },
    {
      find: "redis.call('HSET', infoKey, id, member)",
      replace: "redis.call('HSETNX', infoKey, id, member)",
      why: 'what a member says of itself is what it said first',
    },
    {
      find: "redis.call('ZADD', membersKey, now, id)",
      replace: "redis.call('ZADD', membersKey, 'NX', now, id)",
      why: 'a member dies 15 s after its first beat',
    },
    {
      find: "redis.call('ZADD', enginesKey, now, id)",
      replace: '',
      why: 'every beat is a return of the fleet',
    },
    {
      find: "redis.call('HSET', stateKey, 'beatAt', now)",
      replace: '',
      why: 'a fleet that has died seems new',
    },
    { find: 'if isAlone then', replace: 'if true then', why: 'each beat is a return' },
    { find: 'if by ~= id then', replace: 'if false then', why: 'everybody has brought it back' },
    {
      find: "'ZCOUNT', enginesKey, now - deadAfterMs",
      replace: "'ZCOUNT', enginesKey, now - deadAfterMs + 1",
      why: 'an engine dies too early',
    },
  ],
  'leave-fleet': [
    { find: "redis.call('HDEL', infoKey, id)", replace: '', why: 'its description stays' },
    { find: "redis.call('ZREM', membersKey, id)", replace: '', why: 'it lives on' },
    {
      find: "'ZCOUNT', membersKey, now - deadAfterMs",
      replace: "'ZCOUNT', membersKey, '-inf'",
      why: 'the dead count',
    },
    {
      find: "'ZCOUNT', enginesKey, now - deadAfterMs",
      replace: "'ZCOUNT', enginesKey, '-inf'",
      why: 'a dead engine keeps the last one from being the last',
    },
    { find: 'wasEngine and engines == 0', replace: 'engines == 0', why: 'a server suspends all' },
    {
      find: 'if wasEngine and engines == 0 then',
      replace: 'if wasEngine then',
      why: 'the fleet is suspended while others work',
    },
    { find: "known ~= 'ACTIVE' and by == id", replace: 'false', why: 'a resent call was not last' },
    { find: "'generation', 1", replace: "'generation', 0", why: 'suspensions have no number' },
  ],
  'list-members': [
    { find: 'now - deadAfterMs', replace: "'-inf'", why: 'the dead are listed' },
    { find: 'now - deadAfterMs', replace: "'(' .. now - deadAfterMs", why: 'one dies too early' },
    { find: 'if member then', replace: 'if true then', why: 'a member without a description' },
    { find: "redis.call('ZSCORE', membersKey, id)", replace: 'tostring(now)', why: 'all beat now' },
    { find: "'HGET', infoKey, id", replace: "'HGET', infoKey, 'b'", why: 'all are the same' },
  ],
};

/** The server behind the store. */
export const epochMutants: MutantsByScript = {
  'note-identity': [
    { find: 'known == identity', replace: 'known', why: 'another server goes unnoticed' },
    { find: 'known == identity', replace: 'known ~= identity', why: 'each look begins an epoch' },
    {
      find: "redis.call('HSET', epochKey, 'identity', identity)",
      replace: '',
      why: 'an epoch a call',
    },
    {
      find: "'HINCRBY', epochKey, 'epoch', 1",
      replace: "'HINCRBY', epochKey, 'epoch', 0",
      why: 'the epoch stands',
    },
    { find: 'known and 1 or 0', replace: '1', why: 'the first server is news' },
  ],
};

/** Definitions. */
export const definitionMutants: MutantsByScript = {
  'remove-workflow': [
    {
      find: "redis.call('HDEL', versionsKey, version)",
      replace: "redis.call('DEL', versionsKey)",
      why: 'all versions go',
    },
    {
      find: "if redis.call('EXISTS', versionsKey) == 0 then",
      replace: 'if true then',
      why: 'the name goes with its first version',
    },
    {
      find: "if redis.call('EXISTS', versionsKey) == 0 then",
      replace: 'if false then',
      why: 'names without versions',
    },
    { find: "redis.call('SET', stampKey, stamp)", replace: '', why: 'caches show what is gone' },
    { find: 'if isRemoved then', replace: 'if true then', why: 'nothing changes the stamp' },
    { find: "'SREM', namesKey, name", replace: "'DEL', namesKey", why: 'all names go' },
    {
      find: "isRemoved and 'removed' or 'absent'",
      replace: "'removed'",
      why: 'nothing is reported as removed',
    },
  ],
};

/** The index over runs. */
export const indexMutants: MutantsByScript = {
  'index-run': [
    { find: 'found == entry', replace: 'false', why: 'a resent change is reported as lost' },
    { find: 'found ~= seen', replace: 'false', why: 'who looked first has the last word' },
    { find: "redis.call('ZREM', KEYS[i], oldPlace)", replace: '', why: 'it is in all old sets' },
    { find: "'ZREM', KEYS[i], oldPlace", replace: "'DEL', KEYS[i]", why: 'its neighbours go' },
    { find: 'i < 2 + leaveCount', replace: 'i < 1 + leaveCount', why: 'one set is not left' },
    { find: "redis.call('HDEL', entriesKey, runId)", replace: '', why: 'what is gone is found' },
    { find: "redis.call('HSET', entriesKey, runId, entry)", replace: '', why: 'nothing is found' },
    { find: 'KEYS[i], 0, place', replace: 'KEYS[i], i, place', why: 'sets are out of order' },
  ],
};
