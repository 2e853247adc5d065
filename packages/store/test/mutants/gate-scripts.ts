import fc from 'fast-check';
import { gateHistory, type GateStep, playGateHistory } from '../gate-histories.ts';
import { type Check } from './checks.ts';
import { type MutantsByScript } from './mutants-by-script.ts';

const histories = fc.sample(gateHistory, { numRuns: 120, seed: 20_241 });

const enter = (member: string, token = '1'): GateStep => ({
  type: 'enter',
  member,
  token,
  isForced: false,
  limits: 0,
});
const PASS: GateStep = { type: 'pass', ms: 5_000 };
const ADVANCE: GateStep = { type: 'advance' };
const leave = (member: string, token: string): GateStep => ({ type: 'leave', member, token });

/** What chance seldom comes to: of two with one key, the one that waits gives up, or gets its turn. */
const ofOneKey: readonly (readonly GateStep[])[] = [
  [enter('a'), enter('b'), leave('b', ''), enter('b')],
  [enter('a'), enter('b'), PASS, ADVANCE, enter('b'), PASS, ADVANCE, enter('a')],
  [enter('a'), enter('b'), leave('a', '1'), enter('b'), enter('a'), leave('b', '1'), enter('a')],
];

/** A second delivery of an attempt comes before the first one has left: it gets the place, or has gone again. */
const ofTwoDeliveries: readonly (readonly GateStep[])[] = [
  [enter('f'), enter('f', '2'), leave('f', '1'), enter('g'), enter('a'), leave('f', '2')],
  [enter('f'), enter('f', '2'), leave('f', '2'), leave('f', '1'), enter('g'), enter('a')],
  [enter('f'), enter('f', '2'), enter('f'), leave('f', '1'), enter('g'), enter('a')],
];

/** Redis and the twin agree after every step of the same histories. */
export const gateCheck: Check = async (redis) => {
  for (const steps of [...ofOneKey, ...ofTwoDeliveries, ...histories])
    await playGateHistory(redis, steps);
};

/** Limits of tasks. */
export const gateMutants: MutantsByScript = {
  'enter-gate': [
    {
      find: 'elseif isHeld then\n  entry.next = token',
      replace: 'elseif isHeld then',
      why: 'nobody knows of the next delivery',
    },
    { find: '>= limits.max then', replace: '> limits.max then', why: 'one too many has a place' },
    {
      find: 'tonumber(before) + limits.perMs) or now',
      replace: 'tonumber(before)) or now',
      why: 'rates are not kept',
    },
    { find: '>= keyMax then', replace: '> keyMax then', why: 'one too many of a key has a place' },
    {
      find: 'entry.token == token or isForced',
      replace: 'true',
      why: 'a second delivery frees the place of the first',
    },
    {
      find: "redis.call('ZADD', lineKey, now, member)\n    elseif entry",
      replace: 'elseif entry',
      why: 'who was called too late is forgotten',
    },
    {
      find: "redis.call('ZADD', heldKey, now + leaseMs, member)\nelseif",
      replace: 'elseif',
      why: 'a holder loses its place while it works',
    },
    { find: 'purge()\n\nlocal entry', replace: '\nlocal entry', why: 'the dead keep their places' },
    { find: 'if member ~= own then', replace: 'if true then', why: 'who asks is called, too' },
  ],
  'leave-gate': [
    {
      find: 'if isLeft and entry.next then',
      replace: 'if false then',
      why: 'a place is given away while the next delivery claims',
    },
    {
      find: "entry and member ~= '@' and entry.next == token then",
      replace: 'false then',
      why: 'a place is kept for one who has gone',
    },
    {
      find: 'entry.token == token\n',
      replace: 'true\n',
      why: 'an old delivery frees the place of the new one',
    },
    {
      find: "redis.call('ZREM', heldKey, member)\n  redis.call('ZREM', lineKey, member)",
      replace: "redis.call('ZREM', lineKey, member)",
      why: 'the place is not free',
    },
    {
      find: "redis.call('ZREM', heldKey, member)\n  redis.call('ZREM', lineKey, member)",
      replace: "redis.call('ZREM', heldKey, member)",
      why: 'who has left is called',
    },
    {
      find: 'if waited == 0 then',
      replace: 'if true then',
      why: 'who waited for its key frees a place of it',
    },
    {
      find: 'if waited == 0 then',
      replace: 'if false then',
      why: 'the place of a key is never free',
    },
    {
      find: "redis.call('HINCRBY', takenKey, entry.key, 1)",
      replace: '',
      why: 'one too many of a key gets in line',
    },
    {
      find: "local jobs = promote('')\nsetDue()\nreturn { isLeft",
      replace: 'local jobs = {}\nsetDue()\nreturn { isLeft',
      why: 'nobody is called',
    },
    { find: 'math.min(leaseEnd, starts)', replace: 'leaseEnd', why: 'a rate wakes nobody' },
  ],
  'beat-gate': [
    {
      find: 'and entry.token == token\n',
      replace: '\n',
      why: 'an old delivery keeps the place of the new one',
    },
    { find: 'now + leaseMs', replace: 'now + leaseMs * 1000', why: 'the dead keep their places' },
    {
      find: 'isRenewed and 1 or 0',
      replace: 'isRenewed and 0 or 1',
      why: 'who holds a place gives up',
    },
    {
      find: "redis.call('ZADD', heldKey, now + leaseMs, member)",
      replace: '',
      why: 'nothing is renewed',
    },
    {
      find: 'replies[#replies + 1] = isRenewed and 1 or 0\nend\nsetDue()',
      replace: 'replies[#replies + 1] = isRenewed and 1 or 0\nend',
      why: 'the gate is looked at for an old lease',
    },
  ],
  'advance-gate': [
    {
      find: "purge()\nlocal jobs = promote('')",
      replace: "local jobs = promote('')",
      why: 'the dead keep their places',
    },
    {
      find: "local jobs = promote('')\nsetDue()\nreturn { 'advanced'",
      replace: "local jobs = {}\nsetDue()\nreturn { 'advanced'",
      why: 'nobody is called',
    },
    {
      find: "setDue()\nreturn { 'advanced'",
      replace: "return { 'advanced'",
      why: 'the gate stays due',
    },
    { find: 'now + RESERVED', replace: 'now', why: 'no place is kept for whom is called' },
    {
      find: "redis.call('ZREM', keyedKey, name)",
      replace: '',
      why: 'who has waited for its key waits for ever',
    },
    {
      find: "redis.call('HDEL', entriesKey, member)\n      freeKey",
      replace: 'freeKey',
      why: 'the dead are known for ever',
    },
  ],
};
