import { type RunEntry, runIdOf } from '@joinery/core';
import {
  createMemoryRunIndex,
  createRedisRunIndex,
  type RunIndex,
  type RunSet,
} from '@joinery/store';
import fc from 'fast-check';
import { expect } from 'vitest';
import { runSetsOf } from '../../src/run-index.ts';
import { type Check } from './checks.ts';

const RUN_IDS = [1, 2, 3, 4].map((n) => runIdOf(1, `run0000${n}`));
const entry = fc.record<Omit<RunEntry, 'runId'>>({
  definition: fc.constantFrom('order', 'p:a{y}'),
  definitionVersion: fc.nat(2),
  status: fc.constantFrom('RUNNING', 'FAILED'),
  correlationId: fc.constantFrom('', 'c "1"'),
  idempotencyKey: fc.constantFrom('', 'k'),
  parentId: fc.constantFrom('', RUN_IDS[0] ?? ''),
  priority: fc.nat(9),
  // Many begin at the same moment.
  createdAt: fc.constantFrom(0, 7, 7, 1_700_000_000_000),
  updatedAt: fc.nat(),
  endedAt: fc.nat(),
  reason: fc.constantFrom('', 'né'),
});
const step = fc.record({
  run: fc.nat(RUN_IDS.length - 1),
  entry: fc.option(entry, { freq: 4 }),
  /** Whoever looked before somebody else changed it. */
  isLate: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});
const spans = fc.sample(
  fc.record({
    from: fc.constantFrom(0, 7, 8),
    to: fc.constantFrom(6, 7, Number.MAX_SAFE_INTEGER),
    isDescending: fc.boolean(),
  }),
  { numRuns: 6, seed: 1 },
);
const histories = fc.sample(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), {
  numRuns: 6,
  seed: 7,
});

/** The index in Redis and its twin agree after each of many changes, in every set, span and page. */
export const indexCheck: Check = async (redis) => {
  for (const steps of histories) {
    await redis.flushall();
    const indexes = [createMemoryRunIndex(2), createRedisRunIndex(redis, { partitions: 2 })];
    const first = new Map<number, string>();
    const sets = new Map<string, RunSet>();
    for (const each of steps) {
      const runId = RUN_IDS[each.run] ?? runIdOf(0, 'never000');
      const [seen] = await same(indexes, (index) => index.look(1, [runId]));
      const next = each.entry === null ? null : { ...each.entry, runId };
      const now = seen?.seen ?? '';
      const changes = [
        { runId, seen: each.isLate ? (first.get(each.run) ?? now) : now, entry: next },
      ];
      first.set(each.run, first.get(each.run) ?? now);
      await same(indexes, (index) => index.put(1, changes));
      await same(indexes, (index) => index.put(1, changes));
      const joined = next === null ? [] : runSetsOf(next);
      for (const set of joined) sets.set(`${set.kind}:${set.value}`, set);
    }
    for (const set of sets.values()) await sameSet(indexes, set);
    await same(indexes, async (index) => (await index.scan(1, null)).runIds.toSorted());
    await same(indexes, (index) => index.count(0, { kind: 'all', value: '' }, WHOLE));
  }
};

const WHOLE = { from: 0, to: Number.MAX_SAFE_INTEGER, isDescending: false, after: null };

async function sameSet(indexes: readonly RunIndex[], set: RunSet): Promise<void> {
  for (const ends of spans) {
    let after: string | null = null;
    do {
      const span = { ...ends, after };
      await same(indexes, (index) => index.count(1, set, span));
      const page: { readonly next: string | null } = await same(indexes, (index) =>
        index.page(1, set, span, 2),
      );
      after = page.next;
    } while (after !== null);
  }
}

/** What all answer. */
async function same<T>(
  indexes: readonly RunIndex[],
  ask: (index: RunIndex) => Promise<T>,
): Promise<T> {
  const [twins, own] = await Promise.all(indexes.map(ask));
  expect(own).toEqual(twins);
  if (own === undefined) throw new Error('nothing was asked');
  return own;
}
