import { isJoineryError } from '@joinery/core';
import { createMemoryDefinitionStore, createMemoryStore } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  forkDefinition,
  runOf,
  settle,
} from '../../test/fixtures/test-engine.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { type StartOutcome, startRuns } from './start-runs.ts';

function summaryOf(outcome: StartOutcome): string {
  if (outcome.type === 'started') return outcome.isNew ? 'new' : 'known';
  return isJoineryError(outcome.error) ? outcome.error.code : String(outcome.error);
}

function idOf(outcome: StartOutcome | undefined): string {
  return outcome?.type === 'started' ? outcome.runId : 'none';
}

describe('starting many runs', () => {
  it('starts each of them, more than go out at once, and hands their jobs on', async () => {
    const test = createTestEngine();
    await registerDefinition(test.engine, forkDefinition);
    const requests = Array.from({ length: 300 }, (_, index) => ({
      name: 'fork',
      correlationId: `c${index}`,
    }));
    const outcomes = await startRuns(test.engine, requests);
    expect(outcomes.map(summaryOf)).toEqual(requests.map(() => 'new'));
    expect(new Set(outcomes.map(idOf)).size).toBe(300);
    const last = outcomes[299];
    if (last?.type !== 'started') throw new Error('not started');
    expect((await runOf(test.engine, last.runId)).correlationId).toBe('c299');
    const { waiting, prioritized } = await test.queue.waiting('a');
    expect(waiting + prioritized).toBe(300);
    await settle(test);
    expect((await runOf(test.engine, last.runId)).status).toBe('COMPLETED');
  });

  it('answers in the order of the requests, and lets a refused one spoil no other', async () => {
    const { engine, store } = createTestEngine();
    await registerDefinition(engine, forkDefinition);
    const outcomes = await startRuns(engine, [
      { name: 'fork' },
      { name: 'nobody' },
      { name: 'fork', priority: 100 },
      { name: 'fork', version: 9 },
      { name: 'fork' },
    ]);
    expect(outcomes.map(summaryOf)).toEqual([
      'new',
      'JN_DEF_NOT_FOUND',
      'JN_REQUEST_INVALID',
      'JN_DEF_NOT_FOUND',
      'new',
    ]);
    expect(await store.list(10)).toHaveLength(2);
  });

  it('lets one that gets no answer spoil no other', async () => {
    const store = createMemoryStore({ partitions: 4, now: () => 1_700_000_000_000 });
    let asked = 0;
    const start: typeof store.start = async (args) => {
      asked += 1;
      if (asked === 2) throw new Error('no answer');
      return store.start(args);
    };
    const { engine } = createTestEngine({ store: { ...store, start } });
    await registerDefinition(engine, forkDefinition);
    const outcomes = await startRuns(engine, [
      { name: 'fork' },
      { name: 'fork' },
      { name: 'fork' },
    ]);
    expect(outcomes.map(summaryOf)).toEqual(['new', 'Error: no answer', 'new']);
  });

  it('finds all its runs when it is repeated with the same keys', async () => {
    const { engine, store } = createTestEngine();
    await registerDefinition(engine, forkDefinition);
    const requests = ['a', 'b', 'a'].map((idempotencyKey) => ({ name: 'fork', idempotencyKey }));
    const first = await startRuns(engine, requests);
    const again = await startRuns(engine, requests);
    expect(first.map(summaryOf)).toEqual(['new', 'new', 'known']);
    expect(again.map(summaryOf)).toEqual(['known', 'known', 'known']);
    expect(again.map(idOf)).toEqual(first.map(idOf));
    expect(await store.list(10)).toHaveLength(2);
  });

  it('reads and keeps a definition once, however many runs are started of it', async () => {
    const definitions = createMemoryDefinitionStore();
    let reads = 0;
    let pins = 0;
    const counting: typeof definitions = {
      ...definitions,
      getWorkflow: (name, version) => {
        reads += 1;
        return definitions.getWorkflow(name, version);
      },
      pin: (content) => {
        pins += 1;
        return definitions.pin(content);
      },
    };
    const { engine } = createTestEngine({ definitions: counting });
    await registerDefinition(engine, forkDefinition);
    [reads, pins] = [0, 0];
    await startRuns(
      engine,
      Array.from({ length: 200 }, () => ({ name: 'fork' })),
    );
    expect([reads, pins]).toEqual([1, 1]);
  });

  it('wakes a coordinator for those whose first decision has more to do', async () => {
    const test = createTestEngine();
    const wide = Array.from({ length: 300 }, (_, index) => [
      { name: 'b', taskReferenceName: `b${index}`, type: 'SIMPLE' },
    ]);
    const tasks = [
      { name: 'f', taskReferenceName: 'f', type: 'FORK_JOIN', forkTasks: wide },
      { name: 'j', taskReferenceName: 'j', type: 'JOIN', joinOn: wide.map((_, at) => `b${at}`) },
    ];
    await registerDefinition(test.engine, { name: 'wide', tasks });
    const outcomes = await startRuns(test.engine, [{ name: 'wide' }, { name: 'wide' }]);
    const woken = await test.nudges.pop(0, 10, new AbortController().signal);
    expect([...woken].toSorted()).toEqual(outcomes.map(idOf).toSorted());
  });
});
