import { z } from 'zod';
import { type Fleet, isEngineMember, type LiveMember, type Member } from '../fleet.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { persist } from './persist.ts';
import { pairsOf } from './record-codec.ts';
import {
  callScript,
  clockArg,
  createRedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
} from './redis-scope.ts';

/** A process that has not beaten for longer is dead: three beats of 5 s. */
const DEAD_AFTER_MS = 15_000;
/** Ten deaths: long enough for a process that was merely stopped, short enough for the list to stay small. */
const FORGOTTEN_AFTER_MS = 10 * DEAD_AFTER_MS;

const beatScript = defineScript({
  name: 'beat-member',
  keys: (keys: ScriptKeys) => keys,
  args: ({ clock, member }: { readonly clock: string; readonly member: Member }) => [
    clock,
    member.id,
    JSON.stringify(member),
    FORGOTTEN_AFTER_MS,
    DEAD_AFTER_MS,
    isEngineMember(member) ? 1 : 0,
  ],
  reply: taggedReply({
    noted: {
      at: z.number(),
      how: z.enum(['', 'first', 'clean', 'unclean']),
      gapMs: z.number(),
    },
  }),
});

const leaveScript = defineScript({
  name: 'leave-fleet',
  keys: (keys: ScriptKeys) => keys,
  args: ({
    clock,
    id,
    modeAfter,
  }: {
    readonly clock: string;
    readonly id: string;
    readonly modeAfter: string;
  }) => [clock, id, DEAD_AFTER_MS, modeAfter],
  reply: taggedReply({
    left: { live: z.number(), last: z.number(), generation: z.number() },
  }),
});

const listScript = defineScript({
  name: 'list-members',
  keys: (keys: ScriptKeys) => keys,
  args: ({ clock }: { readonly clock: string }) => [clock, DEAD_AFTER_MS],
  reply: z.array(z.string()),
});

const storedMember = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  host: z.string(),
  pid: z.number(),
  startedAt: z.number(),
  phase: z.enum(['starting', 'ready', 'draining']),
  taskTypes: z.array(z.string()),
  inflight: z.number(),
});

const storedState = z.object({
  mode: z.enum(['ACTIVE', 'QUIESCED', 'LEFT']).default('ACTIVE'),
  generation: z.coerce.number().default(0),
  at: z.coerce.number().default(0),
  by: z.string().default(''),
});

/** The fleet's registry in Redis, by Redis' clock. */
export function createRedisFleet(redis: RedisClient, options: RedisStoreOptions = {}): Fleet {
  const scope = createRedisScope(redis, options);
  const { fleetMembers, fleetInfo, fleetEngines, fleetState } = scope.keys;
  const all = [fleetMembers, fleetInfo, fleetEngines, fleetState];
  const clock = (): string => clockArg(scope);
  return {
    beat: async (member) => {
      const reply = await callScript(scope, beatScript, all, { clock: clock(), member });
      const { how, gapMs, at } = reply;
      return how === '' ? null : { how, gapMs, at };
    },
    leave: async (id, modeAfter = 'QUIESCED') => {
      const reply = await callScript(scope, leaveScript, all, { clock: clock(), id, modeAfter });
      const { live, last, generation } = reply;
      return { live, isLast: last === 1, generation };
    },
    live: async () => {
      const flat = await callScript(scope, listScript, [fleetMembers, fleetInfo], {
        clock: clock(),
      });
      return pairsOf(flat).map(([member, beatAt]): LiveMember =>
        Object.assign(storedMember.parse(JSON.parse(member)), { beatAt: Number(beatAt) }),
      );
    },
    state: async () =>
      storedState.parse(await persist(scope, 'HGETALL', () => redis.hgetall(fleetState))),
  };
}
