import fc from 'fast-check';
import { type Redis } from 'ioredis';
import { expect } from 'vitest';
import { type AgendaCommit, createMemoryAgenda, createRedisAgenda } from '../src/index.ts';
import { START_AT } from './store-fixtures.ts';

const ids = fc.constantFrom('schedule/a', 'schedule/b', 'backfill/a');
const revisions = fc.constantFrom('r1', 'r2', 'r3', 'r4');
const commits: fc.Arbitrary<AgendaCommit> = fc.record({
  id: ids,
  // Mostly what is there, so that most commits change something.
  from: fc.oneof(fc.constant('present'), fc.constant('present'), fc.option(revisions)),
  revision: revisions,
  body: fc.constantFrom(null, 1, { x: '${a}' }, 'one two'),
  dueAt: fc.option(fc.integer({ min: START_AT - 5, max: START_AT + 9_000 }), { freq: 5 }),
  log: fc.array(fc.constantFrom('l1', { l: 2 }), { maxLength: 3 }),
});
type AgendaStep =
  | { readonly commit: AgendaCommit }
  | { readonly passMs: number; readonly take: number };
const committing: fc.Arbitrary<AgendaStep> = commits.map((commit) => ({ commit }));
const taking: fc.Arbitrary<AgendaStep> = fc.record({
  passMs: fc.constantFrom(0, 1, 2_000, 4_999, 5_000),
  take: fc.nat(3),
});
const steps = fc.array(fc.oneof(committing, committing, committing, taking), {
  minLength: 5,
  maxLength: 40,
});
const histories = fc.sample(steps, { numRuns: 60, seed: 20_241 });

/** Redis and the twin agree after every step of random histories. Rejects when the scripts are wrong. */
export async function agendaCheck(redis: Redis): Promise<void> {
  for (const history of histories) {
    await redis.flushall();
    const clock = { now: START_AT };
    const sides = [
      createRedisAgenda(redis, { now: () => clock.now }),
      createMemoryAgenda({ now: () => clock.now }),
    ] as const;
    const [inRedis, inMemory] = sides;
    for (const step of history) {
      if ('commit' in step) {
        const present = (await inMemory.find(step.commit.id))?.revision ?? null;
        const from = step.commit.from === 'present' ? present : step.commit.from;
        const commit = { ...step.commit, from };
        expect(await inRedis.commit(commit)).toBe(await inMemory.commit(commit));
      } else {
        clock.now += step.passMs;
        expect(await inRedis.takeDue(step.take)).toEqual(await inMemory.takeDue(step.take));
      }
      for (const id of ['schedule/a', 'schedule/b', 'backfill/a']) {
        expect(await inRedis.find(id)).toEqual(await inMemory.find(id));
        expect(await inRedis.log(id, 300)).toEqual(await inMemory.log(id, 300));
      }
    }
  }
}
