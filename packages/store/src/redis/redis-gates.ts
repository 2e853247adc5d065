import { createHash } from 'node:crypto';
import { partitionFor } from '@joinery/core';
import { z } from 'zod';
import { type EnterArgs, type GateMember, type Gates } from '../gates.ts';
import { GATE_SLOTS } from '../key-builder.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { pairsOf } from './record-codec.ts';
import { persist } from './persist.ts';
import {
  callScript,
  clockArg,
  createRedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
} from './redis-scope.ts';

const jobs = z.array(z.string());
const keys = (list: ScriptKeys): ScriptKeys => list;

interface Clocked {
  readonly clock: string;
}

const enterScript = defineScript({
  name: 'enter-gate',
  keys,
  args: ({ clock, limits, key, isForced = false, ...args }: EnterArgs & Clocked) => [
    clock,
    args.gate,
    args.member,
    args.token,
    limits.max,
    limits.rate,
    limits.perMs,
    // Any text may be a key; one of fixed length keeps the lines of all keys apart in one sorted set.
    key === '' ? '' : createHash('sha1').update(key).digest('hex'),
    args.keyMax,
    args.leaseMs,
    args.job,
    isForced ? 1 : 0,
  ],
  reply: taggedReply({
    entered: { isOurs: z.number().transform((value) => value === 1), jobs },
    waiting: { jobs },
  }),
});

const leaveScript = defineScript({
  name: 'leave-gate',
  keys,
  args: ({ clock, gate, member, token }: GateMember & Clocked) => [clock, gate, member, token],
  reply: taggedReply({ left: { jobs }, kept: { jobs } }),
});

const beatScript = defineScript({
  name: 'beat-gate',
  keys,
  args: ({
    clock,
    gate,
    places,
  }: Clocked & { gate: string; places: Parameters<Gates['beat']>[1] }) => [
    clock,
    gate,
    ...places.flatMap(({ member, token, leaseMs }) => [member, token, leaseMs]),
  ],
  reply: z.array(z.number()),
});

const advanceScript = defineScript({
  name: 'advance-gate',
  keys,
  args: ({ clock, gate }: Clocked & { gate: string }) => [clock, gate],
  reply: taggedReply({ advanced: { jobs } }),
});

/** Gates that are looked at in one pass, of each slot. */
const DUE_PAGE = 100;

/** Gates in Redis, by Redis' clock; each in one slot. */
export function createRedisGates(redis: RedisClient, options: RedisStoreOptions = {}): Gates {
  const scope = createRedisScope(redis, options);
  const keysOf = (gate: string): readonly string[] =>
    scope.keys.gate(partitionFor(gate, GATE_SLOTS), gate);
  return {
    enter: (args) =>
      callScript(scope, enterScript, keysOf(args.gate), { ...args, clock: clockArg(scope) }),
    async leave(member) {
      const args = { ...member, clock: clockArg(scope) };
      return (await callScript(scope, leaveScript, keysOf(member.gate), args)).jobs;
    },
    async beat(gate, places) {
      const args = { gate, places, clock: clockArg(scope) };
      const answers = await callScript(scope, beatScript, keysOf(gate), args);
      return answers.map((answer) => answer === 1);
    },
    async advance(gate) {
      const args = { gate, clock: clockArg(scope) };
      return (await callScript(scope, advanceScript, keysOf(gate), args)).jobs;
    },
    async knows(gate, members) {
      const [, , , , entries = ''] = keysOf(gate);
      if (members.length === 0) return [];
      const found = await persist(scope, 'HMGET', () => redis.hmget(entries, ...members));
      return found.map((entry) => entry !== null);
    },
    async due() {
      const slots = Array.from({ length: GATE_SLOTS }, (_none, slot) => scope.keys.gatesDue(slot));
      const lists = await Promise.all(
        slots.map((key) =>
          persist(scope, 'ZRANGE', () => redis.zrange(key, 0, DUE_PAGE - 1, 'WITHSCORES')),
        ),
      );
      return lists
        .flatMap((flat) => pairsOf(flat).map(([gate, at]) => ({ gate, at: Number(at) })))
        .toSorted((a, b) => a.at - b.at);
    },
  };
}
