import { taskIdOf } from '@joinery/core';
import { type TaskJob } from '@joinery/queues';
import { STEP_TASK } from '../../workloads/workload.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** D2: the same job, again and late. */
export const repeatedJobs: Scenario = {
  id: 'D2',
  title: 'Jobs are delivered again, late and in another order',
  hypothesis:
    'A job says “look at this attempt”: however often it is said, each result is stored once.',
  method:
    'Nested fork-joins, 20 at a time. Every 300 ms the jobs of all dispatches of all runs under way are enqueued again, the last first; a fault counts when BullMQ took one.',
  notTested: ['jobs that name attempts which never were: those are refused by contract tests'],
  rules: ['H2', 'H5', 'H6', 'H7', 'H10', 'H16', 'H27'],
  sizes: {
    test: { runs: 20, faults: 5 },
    default: { runs: 150, faults: 50 },
    release: { runs: 1_500, faults: 500 },
  },
  play: underLoad({ faultName: 'jobs again', everyMs: 300, fault: enqueueAgain }),
};

async function enqueueAgain(stage: Stage, _index: number, load: RunLoad): Promise<boolean> {
  const { engine } = stage.client.client;
  const jobs: TaskJob[] = [];
  for (const { runId } of load.underWay()) {
    const run = await engine.store.find(runId);
    for (const { key, attempt, ref, dispatch, name } of await engine.store.rows(runId)) {
      if (run === null || name !== STEP_TASK || dispatch === 0) continue;
      const { definition } = run;
      const taskId = taskIdOf(runId, key);
      const job = { runId, key, taskId, attempt, dispatch, taskType: name, definition, ref };
      jobs.unshift({ ...job, priority: 99 });
    }
  }
  const results = await engine.queue.enqueue(jobs);
  return results.includes('added');
}
