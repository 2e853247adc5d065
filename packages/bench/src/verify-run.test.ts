import {
  type HistoryEvent,
  parseTaskId,
  type RecordedEvent,
  type RunId,
  taskKeyOf,
} from '@joinery/core';
import { claimTask, completeTask, createEngine, decideRun, type Engine } from '@joinery/engine';
import { registerDefinition, startRun } from '@joinery/engine';
import { createLogger, systemClock, systemEntropy } from '@joinery/kit';
import { createInMemoryJobQueue, type TaskJob } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryNudges,
  createMemoryStore,
  type RunStore,
} from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { successionMsOf, verifyRun } from './verify-run.ts';
import { workloadOf } from './workload.ts';

const workload = workloadOf('rawJob');

/** A run of one task that has ended well, or answered something else. */
async function endedRun(payload = workload.payload): Promise<{ runId: RunId; store: RunStore }> {
  const jobs: TaskJob[] = [];
  const queue = Object.assign(createInMemoryJobQueue(), {
    enqueue: (added: readonly TaskJob[]) => {
      jobs.push(...added);
      return Promise.resolve(added.map(() => 'added' as const));
    },
  });
  const engine: Engine = createEngine({
    store: createMemoryStore({ partitions: 4, now: () => systemClock.now() }),
    queue,
    definitions: createMemoryDefinitionStore(),
    nudges: createMemoryNudges(),
    locks: 'fused',
    clock: systemClock,
    entropy: systemEntropy,
    logger: createLogger({ level: 'error', name: 'test' }),
    processId: 'test',
  });
  await registerDefinition(engine, workload.definition);
  const { runId } = await startRun(engine, { name: workload.name, input: workload.input });
  const [job] = jobs;
  const task = parseTaskId(job?.taskId ?? '');
  if (job === undefined || task === null) throw new Error('no job');
  const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 60_000 });
  if (claim.type !== 'claimed') throw new Error(claim.type);
  const result = { status: 'COMPLETED', output: { payload }, reason: '' } as const;
  await completeTask(engine, { ...task, attempt: job.attempt, token: claim.token, ...result });
  await decideRun(engine, runId);
  await engine.close();
  return { runId, store: engine.store };
}

describe('verifyRun', () => {
  it('accepts a run that has ended with its payload and a whole history', async () => {
    const { runId, store } = await endedRun();
    await expect(verifyRun(store, runId, workload)).resolves.toBeUndefined();
  });

  it('refuses another result', async () => {
    const { runId, store } = await endedRun('something else');
    await expect(verifyRun(store, runId, workload)).rejects.toThrow('something else');
  });

  it.each([
    ['none', (): readonly RecordedEvent[] => []],
    ['a gap', (all: readonly RecordedEvent[]) => all.filter(({ version }) => version !== 2)],
    ['no end', (all: readonly RecordedEvent[]) => all.slice(0, -1)],
  ])('refuses a history with %s', async (_what, broken) => {
    const { runId, store } = await endedRun();
    const all = await store.history(runId, 1, 100);
    const history: RunStore['history'] = (_id, from, limit) =>
      Promise.resolve(broken(all).slice(from - 1, from - 1 + limit));
    await expect(verifyRun({ ...store, history }, runId, workload)).rejects.toThrow('gaps');
  });
});

function at(ms: number, event: HistoryEvent): RecordedEvent {
  return {
    version: 1,
    at: ms,
    actor: 'test',
    event,
  };
}

describe('successionMsOf', () => {
  const key = taskKeyOf('a');
  const start: HistoryEvent = {
    type: 'task.started',
    key,
    attempt: 1,
    delivery: 1,
    worker: 'w',
    token: 't',
  };
  const end: HistoryEvent = {
    type: 'task.completed',
    key,
    attempt: 1,
    status: 'COMPLETED',
    token: 't',
    reason: '',
  };

  it('counts from the last arrival before the last start', () => {
    const history = [at(1, start), at(5, end), at(9, end), at(12, start), at(20, end)];
    expect(successionMsOf(history)).toBe(3);
  });

  it('knows nothing of a run with one task', () => {
    expect(successionMsOf([at(1, start), at(5, end)])).toBeNull();
  });
});
