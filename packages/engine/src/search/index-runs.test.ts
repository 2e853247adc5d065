import { partitionOf, type RunId, runIdOf, type RunQuery } from '@joinery/core';
import { createMemoryRunIndex, type RunIndex } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../test/fixtures/test-engine.ts';
import { operateRun, registerDefinition, startRun } from '../index.ts';
import { auditIndex, type AuditPosition } from './audit-index.ts';
import { IndexKeeper } from './index-keeper.ts';
import { indexMoved, type IndexPorts } from './index-runs.ts';
import { rebuildIndex } from './rebuild-index.ts';
import { searchRuns } from './search-runs.ts';

const waiting = {
  name: 'waiting',
  tasks: [{ name: 'w', taskReferenceName: 'w', type: 'WAIT' }],
};

interface Site extends TestEngine {
  readonly index: RunIndex;
  readonly keeper: IndexKeeper;
}

async function site(
  count: number,
): Promise<{ readonly at: Site; readonly runIds: readonly RunId[] }> {
  const test = createTestEngine();
  await registerDefinition(test.engine, waiting);
  const runIds: RunId[] = [];
  for (let n = 0; n < count; n += 1) {
    runIds.push((await startRun(test.engine, { name: 'waiting' })).runId);
  }
  const ports = { store: test.store, index: createMemoryRunIndex(test.store.partitions) };
  return { at: { ...test, ...ports, keeper: new IndexKeeper(ports) }, runIds };
}

const never = new AbortController().signal;
const statusIs = (status: string): RunQuery => ({
  conditions: [{ type: 'one-of', field: 'status', values: [status] }],
  words: [],
  order: { field: 'createdAt', isDescending: false },
});

async function idsOf(ports: IndexPorts, status: string): Promise<readonly string[]> {
  const { entries, total } = await searchRuns(ports, statusIs(status), { start: 0, size: 999 });
  expect(total).toBe(entries.length);
  return entries.map(({ runId }) => runId).toSorted();
}

describe('the index over runs', () => {
  it('follows every change of a status, and forgets runs that are gone', async () => {
    const { at, runIds } = await site(5);
    const [first, second] = runIds;
    if (first === undefined || second === undefined) throw new Error('no run');
    expect(await at.keeper.catchUp(never)).toBe(5);
    expect(await at.keeper.catchUp(never)).toBe(0);
    await operateRun(at.engine, { runId: first, operation: { type: 'pause', reason: '' } });
    await at.store.fail({ runId: second, reason: 'x', actor: 't' });
    expect(await idsOf(at, 'PAUSED')).toEqual([]);
    await at.keeper.catchUp(never);
    expect(await idsOf(at, 'PAUSED')).toEqual([first]);
    expect(await idsOf(at, 'FAILED')).toEqual([second]);
    expect(await idsOf(at, 'RUNNING')).toEqual(runIds.slice(2).toSorted());
    await at.time.advance(8 * 86_400_000);
    await at.store.purge(partitionOf(second), 10);
    await at.keeper.catchUp(never);
    expect(await idsOf(at, 'FAILED')).toEqual([]);
  });

  it('is brought up to date by the next look when one dies after any of its calls', async () => {
    for (let calls = 0; calls < 4; calls += 1) {
      const { at, runIds } = await site(1);
      const [runId] = runIds;
      if (runId === undefined) throw new Error('no run');
      await operateRun(at.engine, { runId, operation: { type: 'pause', reason: '' } });
      let left = calls;
      const dying = <T extends object>(port: T): T =>
        new Proxy(port, {
          get(target, name, receiver): unknown {
            const method: unknown = Reflect.get(target, name, receiver);
            if (typeof method !== 'function') return method;
            return async (...args: readonly unknown[]): Promise<unknown> => {
              if (left === 0) throw new Error('killed');
              left -= 1;
              return Reflect.apply(method, target, args);
            };
          },
        });
      const ports = { store: dying(at.store), index: dying(at.index) };
      await expect(indexMoved(ports, partitionOf(runId), 9)).rejects.toThrow('killed');
      await indexMoved(at, partitionOf(runId), 9);
      expect(await idsOf(at, 'PAUSED')).toEqual([runId]);
      expect(await at.store.moved(partitionOf(runId), 9)).toEqual([]);
    }
  });

  it('shows what came last although a slow hand writes what it saw before', async () => {
    const { at, runIds } = await site(1);
    const [runId] = runIds;
    if (runId === undefined) throw new Error('no run');
    const put: RunIndex['put'] = async (partition, changes) => {
      await at.store.fail({ runId, reason: 'meanwhile', actor: 't' });
      await indexMoved(at, partition, 9);
      return at.index.put(partition, changes);
    };
    const slow = { store: at.store, index: { ...at.index, put } };
    const report = await indexMoved(slow, partitionOf(runId), 9);
    expect(report).toEqual({ indexed: 0, hasMore: true });
    expect(await idsOf(at, 'FAILED')).toEqual([runId]);
  });

  it('is compared with the runs, in both directions', async () => {
    const { at, runIds } = await site(6);
    await at.keeper.catchUp(never);
    const [lost, stale, gone] = runIds;
    if (lost === undefined || stale === undefined || gone === undefined) throw new Error('no run');
    await damage(at, lost, null);
    await damage(at, stale, 'COMPLETED');
    const ghost = { ...(await entryAt(at, gone)), runId: ghostOf(gone) };
    await at.index.put(partitionOf(gone), [{ runId: ghost.runId, seen: '', entry: ghost }]);
    const marked: string[] = [];
    for (let partition = 0; partition < at.store.partitions; partition += 1) {
      let from: AuditPosition | null = null;
      do {
        const report: Awaited<ReturnType<typeof auditIndex>> = await auditIndex(
          at,
          partition,
          from,
        );
        from = report.next;
      } while (from !== null);
      marked.push(...(await at.store.moved(partition, 9)).map(({ runId }) => runId));
    }
    expect(marked.toSorted()).toEqual([lost, stale, ghost.runId].toSorted());
    await at.keeper.catchUp(never);
    expect(await idsOf(at, 'RUNNING')).toEqual(runIds.toSorted());
    expect(await idsOf(at, 'COMPLETED')).toEqual([]);
  });

  it('is made anew from nothing but the runs', async () => {
    const { at, runIds } = await site(7);
    await at.keeper.catchUp(never);
    await at.index.clear();
    expect(await idsOf(at, 'RUNNING')).toEqual([]);
    expect(await rebuildIndex(at)).toBe(7);
    expect(await idsOf(at, 'RUNNING')).toEqual(runIds.toSorted());
  });
});

async function entryAt(at: Site, runId: RunId) {
  const [known] = await at.index.look(partitionOf(runId), [runId]);
  if (!known?.entry) throw new Error('not indexed');
  return known.entry;
}

async function damage(at: Site, runId: RunId, status: 'COMPLETED' | null): Promise<void> {
  const [known] = await at.index.look(partitionOf(runId), [runId]);
  const entry = status === null ? null : { ...(await entryAt(at, runId)), status };
  await at.index.put(partitionOf(runId), [{ runId, seen: known?.seen ?? '', entry }]);
}

function ghostOf(runId: RunId): RunId {
  return runIdOf(partitionOf(runId), 'ghost000');
}
