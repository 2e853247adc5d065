import { type JsonObject, type RunId, type SizeLimits } from '@joinery/core';
import { createMetrics } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import {
  claimNext,
  coordinate,
  createTestEngine,
  runOf,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { operateRun } from '../operations/operate-run.ts';
import { startRun } from '../starts/start-run.ts';
import { completeTask } from '../tasks/complete-task.ts';

const step: JsonObject = { name: 'a', taskReferenceName: 'a', type: 'SIMPLE' };
/** A loop that nothing ends. */
const endless = {
  name: 'endless',
  tasks: [
    {
      name: 'loop',
      taskReferenceName: 'loop',
      type: 'DO_WHILE',
      loopCondition: 'true',
      loopOver: [step],
    },
  ],
};
const fail: SizeLimits = { tasks: 50, history: 10_000, policy: 'fail' };

async function startEndless(
  test: TestEngine,
  definition: JsonObject & { readonly name: string } = endless,
): Promise<RunId> {
  await registerDefinition(test.engine, definition);
  return (await startRun(test.engine, { name: definition.name })).runId;
}

const events = (test: TestEngine, event: string) =>
  test.logger.lines.filter((line) => line.event === event);

describe('a run without an end', () => {
  it('is stopped at its limit; people hear of it before and when it happens', async () => {
    const metrics = createMetrics();
    const test = createTestEngine({ sizeLimits: fail, metrics });
    const runId = await startEndless(test);
    await settle(test);
    const run = await runOf(test.engine, runId);
    expect(run).toMatchObject({ status: 'FAILED', open: 0 });
    expect(run.reason).toContain('attempts of tasks, more than the limit of 50');
    expect(run.seq).toBeLessThan(55);
    expect(events(test, 'run.near-limit')).toMatchObject([{ runId, limited: 'tasks', limit: 50 }]);
    expect(events(test, 'run.limited')).toMatchObject([{ runId, policy: 'fail' }]);
    const text = await metrics.render();
    expect(text).toMatch(/runs_limited_total\{limit="tasks",outcome="near"\} 1/);
    expect(text).toMatch(/runs_limited_total\{limit="tasks",outcome="reached"\} 1/);
  });

  it('is stopped by the length of its history, too', async () => {
    const test = createTestEngine({ sizeLimits: { ...fail, tasks: 10_000, history: 200 } });
    const runId = await startEndless(test);
    await settle(test);
    expect((await runOf(test.engine, runId)).reason).toContain('events in its history');
  });

  it('waits where that is the policy, goes on under another limit, and can be terminated', async () => {
    const pause: SizeLimits = { ...fail, policy: 'pause' };
    const test = createTestEngine({ sizeLimits: pause });
    const runId = await startEndless(test);
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('PAUSED');
    const resume = { runId, operation: { type: 'resume', reason: 'go on' } } as const;
    await operateRun(test.engine, resume);
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('PAUSED');
    const roomy = test.another({ sizeLimits: { ...pause, tasks: 80 } });
    await operateRun(roomy, resume);
    await settle({ ...test, engine: roomy });
    const run = await runOf(test.engine, runId);
    expect([run.status, run.seq > 80]).toEqual(['PAUSED', true]);
    await operateRun(test.engine, { runId, operation: { type: 'terminate', reason: 'enough' } });
    await coordinate(test.engine);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'TERMINATED', open: 0 });
  });

  it('is stopped by the worker, too, that decides with its result', async () => {
    const test = createTestEngine({ sizeLimits: { ...fail, tasks: 2 } });
    const refs = ['a', 'b', 'c', 'd'];
    const tasks = refs.map((ref) => ({ name: ref, taskReferenceName: ref, type: 'SIMPLE' }));
    const runId = await startEndless(test, { name: 'chain', tasks });
    for (const ref of ['a', 'b', 'c']) {
      const claimed = await claimNext(test, ref);
      const { row, token } = claimed;
      const about = { runId, key: row.key, attempt: row.attempt, token };
      const done = { status: 'COMPLETED', output: {}, reason: '' } as const;
      const reply = await completeTask(test.engine, { ...about, ...done }, { claimed, goOn: null });
      expect(reply.type).toBe('decided');
    }
    expect(events(test, 'run.near-limit')).toHaveLength(1);
    expect(events(test, 'run.limited')).toMatchObject([{ runId, count: 3, limit: 2 }]);
    await coordinate(test.engine);
    expect((await runOf(test.engine, runId)).status).toBe('FAILED');
  });

  it('is stopped although it needs no worker, and its neighbour is not', async () => {
    const test = createTestEngine({ sizeLimits: fail });
    const noop = { name: 'n', taskReferenceName: 'n', type: 'NOOP' };
    const loop = { name: 'l', taskReferenceName: 'l', type: 'DO_WHILE', loopCondition: 'true' };
    const busy = { name: 'busy', tasks: [{ ...loop, loopOver: [noop] }] };
    const runId = await startEndless(test, busy);
    const other = await startEndless(test, { name: 'other', tasks: [step] });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('FAILED');
    expect((await runOf(test.engine, other)).status).toBe('COMPLETED');
  });
});
