import {
  compareRuns,
  matchesRun,
  type RunCondition,
  type RunEntry,
  type RunField,
  runIdOf,
  type RunQuery,
} from '@joinery/core';
import { createMemoryRunIndex, createMemoryStore } from '@joinery/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IndexPorts } from './index-runs.ts';
import { listRunsAfter, searchRuns } from './search-runs.ts';

const PARTITIONS = 3;

const entries = fc
  .array(
    fc.record({
      partition: fc.nat(PARTITIONS - 1),
      definition: fc.constantFrom('order', 'order_big', 'a:b'),
      status: fc.constantFrom('RUNNING', 'PAUSED', 'FAILED'),
      correlationId: fc.constantFrom('', 'c1', 'c2'),
      parentId: fc.constantFrom('', runIdOf(0, 'parent00')),
      createdAt: fc.nat(5),
      endedAt: fc.nat(3),
      reason: fc.constantFrom('', 'No money'),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ partition, ...each }, n): RunEntry => {
      const runId = runIdOf(partition, `run${String(n).padStart(5, '0')}`);
      const rest = { definitionVersion: 1, idempotencyKey: '', priority: 0, updatedAt: 0 };
      return { runId, ...each, ...rest };
    }),
  );

const oneOf = (field: RunField, values: readonly string[]): fc.Arbitrary<RunCondition> =>
  fc
    .subarray([...values], { minLength: 1 })
    .map((some): RunCondition => ({ type: 'one-of', field, values: some }));
const bound = fc.option(fc.nat(6));
const condition: fc.Arbitrary<RunCondition> = fc.oneof(
  oneOf('definition', ['order', 'order_big', 'order*', 'nobody']),
  oneOf('status', ['RUNNING', 'PAUSED', 'FAILED']),
  oneOf('correlationId', ['c1', 'c2', '']),
  oneOf('parentId', [runIdOf(0, 'parent00'), '']),
  fc
    .tuple(fc.constantFrom<RunField>('createdAt', 'endedAt'), bound, bound)
    .map(([field, from, to]): RunCondition => ({ type: 'between', field, from, to })),
  oneOf('status', ['FAILED']).map((of): RunCondition => ({ type: 'not', of })),
);
const queries = fc.record<RunQuery>({
  conditions: fc.array(condition, { maxLength: 3 }),
  words: fc.constantFrom([], [], ['money'], ['order', 'run0']),
  order: fc.record({
    field: fc.constantFrom<RunField>('createdAt', 'createdAt', 'status', 'endedAt'),
    isDescending: fc.boolean(),
  }),
});

async function indexed(all: readonly RunEntry[]): Promise<IndexPorts> {
  const index = createMemoryRunIndex(PARTITIONS);
  for (const entry of all) {
    const partition = Number.parseInt(entry.runId, 16);
    await index.put(partition, [{ runId: entry.runId, seen: '', entry }]);
  }
  return { index, store: createMemoryStore({ partitions: PARTITIONS, now: () => 0 }) };
}

/** What a search is: every entry tested, those that match sorted. */
function bruteForce(all: readonly RunEntry[], query: RunQuery): readonly RunEntry[] {
  return all
    .filter((entry) => matchesRun(entry, query))
    .toSorted((a, b) => compareRuns(a, b, query.order));
}

describe('a search', () => {
  it('finds what testing every run would find, page by page', async () => {
    const property = fc.asyncProperty(entries, queries, fc.nat(9), fc.nat(9), async (...given) => {
      const [all, query, start, size] = given;
      const found = await searchRuns(await indexed(all), query, { start, size });
      const expected = bruteForce(all, query);
      expect(found.entries).toEqual(expected.slice(start, start + size));
      expect(found).toMatchObject({ total: expected.length, isTotalExact: true });
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('lists the same runs by cursor, each once', async () => {
    const property = fc.asyncProperty(
      entries,
      queries,
      fc.integer({ min: 1, max: 9 }),
      async (all, { conditions, words, order }, size) => {
        const query = { conditions, words, order: { ...order, field: 'createdAt' as const } };
        const ports = await indexed(all);
        const listed: RunEntry[] = [];
        let after: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof listRunsAfter>> = await listRunsAfter(
            ports,
            query,
            { after, size },
          );
          expect(page.entries.length).toBeLessThanOrEqual(size);
          listed.push(...page.entries);
          after = page.next;
        } while (after !== null);
        expect(listed).toEqual(bruteForce(all, query));
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('reads only the sets that it needs', async () => {
    const ports = await indexed([]);
    const asked = new Set<string>();
    const page: typeof ports.index.page = (partition, set, span, limit) => {
      asked.add(`${set.kind} ${set.value}`);
      return ports.index.page(partition, set, span, limit);
    };
    const conditions: readonly RunCondition[] = [
      { type: 'one-of', field: 'status', values: ['RUNNING', 'PAUSED'] },
      { type: 'one-of', field: 'definition', values: ['order'] },
    ];
    const order = { field: 'createdAt', isDescending: true } as const;
    const query = { conditions, words: [], order };
    await searchRuns({ ...ports, index: { ...ports.index, page } }, query, { start: 0, size: 9 });
    expect([...asked].toSorted()).toEqual([
      'definition-status PAUSED:order',
      'definition-status RUNNING:order',
    ]);
  });
});
