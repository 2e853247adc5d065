import { z } from 'zod';
import { type Fleet, type LiveMember, type Member } from '../fleet.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
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
  ],
  reply: taggedReply({ noted: {} }),
});

const leaveScript = defineScript({
  name: 'leave-fleet',
  keys: (keys: ScriptKeys) => keys,
  args: ({ clock, id }: { readonly clock: string; readonly id: string }) => [
    clock,
    id,
    DEAD_AFTER_MS,
  ],
  reply: taggedReply({ left: { live: z.number() } }),
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

/** The fleet's registry in Redis, by Redis' clock. */
export function createRedisFleet(redis: RedisClient, options: RedisStoreOptions = {}): Fleet {
  const scope = createRedisScope(redis, options);
  const keys = [scope.keys.fleetMembers, scope.keys.fleetInfo];
  return {
    beat: async (member) => {
      await callScript(scope, beatScript, keys, { clock: clockArg(scope), member });
    },
    leave: async (id) => {
      const { live } = await callScript(scope, leaveScript, keys, { clock: clockArg(scope), id });
      return { live };
    },
    live: async () => {
      const flat = await callScript(scope, listScript, keys, { clock: clockArg(scope) });
      return pairsOf(flat).map(([member, beatAt]): LiveMember =>
        Object.assign(storedMember.parse(JSON.parse(member)), { beatAt: Number(beatAt) }),
      );
    },
  };
}
