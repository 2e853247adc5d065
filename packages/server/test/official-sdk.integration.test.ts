/*
 * Conductor's own SDK for JavaScript against this server. It is a weak oracle: what it says is not believed, the run is
 * looked at in the store.
 */
import {
  MetadataClient,
  NonRetryableException,
  TaskManager,
  WorkflowExecutor,
  createConductorClient,
} from '@io-orkes/conductor-javascript';
import { parseRunId } from '@joinery/core';
import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

let bench: ApiBench;
let metadata: MetadataClient;
let executor: WorkflowExecutor;
let workers: TaskManager;
/** Attempts that each worker has seen, by task type. */
const seen: string[] = [];

const silent = { info: () => undefined, error: () => undefined, debug: () => undefined };
const simple = (name: string, ref = `${name}_ref`) => ({
  name,
  taskReferenceName: ref,
  type: 'SIMPLE' as const,
  inputParameters: { n: '${workflow.input.n}' },
});

beforeAll(async () => {
  bench = await openBench();
  const client = await createConductorClient({ serverUrl: `${bench.url}/api` });
  metadata = new MetadataClient(client);
  executor = new WorkflowExecutor(client);
  let failures = 0;
  workers = new TaskManager(
    client,
    [
      {
        taskDefName: 'sdk_double',
        execute: async ({ inputData, retryCount }) => {
          seen.push(`double ${retryCount}`);
          return { status: 'COMPLETED', outputData: { n: Number(inputData?.['n']) * 2 } };
        },
      },
      {
        taskDefName: 'sdk_flaky',
        execute: async () => {
          failures += 1;
          if (failures === 1) throw new Error('not yet');
          return { status: 'COMPLETED', outputData: {} };
        },
      },
      {
        taskDefName: 'sdk_hopeless',
        execute: async () => {
          throw new NonRetryableException('never');
        },
      },
    ],
    { logger: silent, options: { pollInterval: 20, concurrency: 2 } },
  );
  for (const name of ['sdk_double', 'sdk_flaky', 'sdk_hopeless']) {
    await metadata.registerTask({ name, retryCount: 2, retryDelaySeconds: 0, timeoutSeconds: 0 });
  }
  workers.startPolling();
});

afterAll(async () => {
  await workers.stopPolling();
  await bench.end();
});

async function ended(id: string): Promise<{ readonly status: string; readonly output: unknown }> {
  const runId = parseRunId(id);
  if (runId === null) throw new Error(`${id} is no run id`);
  return eventually(
    async () => {
      const found = await bench.open.store.find(runId);
      expect(found?.endedAt).toBeGreaterThan(0);
      const output = await bench.open.store.payload(runId, 'run:output');
      return { status: found?.status ?? '', output };
    },
    { withinMs: 15_000 },
  );
}

type Definition = Parameters<MetadataClient['registerWorkflowDef']>[0];

async function register(name: string, more: Omit<Definition, 'name' | 'timeoutSeconds'>) {
  await metadata.registerWorkflowDef({ name, version: 1, timeoutSeconds: 0, ...more }, true);
}

async function run(
  name: string,
  tasks: Definition['tasks'],
  outputParameters: Record<string, string> = {},
): Promise<string> {
  await register(name, { tasks, outputParameters });
  return executor.startWorkflow({ name, version: 1, input: { n: 21 } });
}

describe('the official SDK', () => {
  it('registers, starts, works and reads a fork and its join', async () => {
    const fork = {
      name: 'fork',
      taskReferenceName: 'fork',
      type: 'FORK_JOIN' as const,
      forkTasks: [[simple('sdk_double', 'a')], [simple('sdk_double', 'b')]],
    };
    const join = {
      name: 'join',
      taskReferenceName: 'join',
      type: 'JOIN' as const,
      joinOn: ['a', 'b'],
    };
    const outputParameters = { a: '${a.output.n}', b: '${b.output.n}' };
    const id = await run('sdk_fork', [fork, join], outputParameters);
    expect(await ended(id)).toEqual({ status: 'COMPLETED', output: { a: 42, b: 42 } });
    const shown = await executor.getWorkflow(id, true);
    expect(shown.status).toBe('COMPLETED');
    expect(shown.tasks?.map(({ referenceTaskName }) => referenceTaskName)).toContain('join');
  });

  it('retries what failed, and not what failed for good', async () => {
    const flaky = await run('sdk_retry', [simple('sdk_flaky')]);
    expect(await ended(flaky)).toMatchObject({ status: 'COMPLETED' });
    const { tasks = [] } = await executor.getWorkflow(flaky, true);
    expect(tasks.map(({ status, retryCount }) => [status, retryCount])).toEqual([
      ['FAILED', 0],
      ['COMPLETED', 1],
    ]);
    expect(tasks[0]?.reasonForIncompletion).toBe('not yet');
    const hopeless = await run('sdk_hopeless_flow', [simple('sdk_hopeless')]);
    expect(await ended(hopeless)).toMatchObject({ status: 'FAILED' });
    const failed = await executor.getWorkflow(hopeless, true);
    expect(failed.tasks).toHaveLength(1);
  });

  it('chains: many runs are done without a poll for each', async () => {
    const before = seen.length;
    await register('sdk_chain', { tasks: [simple('sdk_double')] });
    const ids = await Promise.all(
      Array.from({ length: 20 }, () =>
        executor.startWorkflow({ name: 'sdk_chain', version: 1, input: { n: 1 } }),
      ),
    );
    for (const id of ids) expect(await ended(id)).toMatchObject({ status: 'COMPLETED' });
    expect(seen.length - before).toBe(20);
  });

  it('pauses, resumes, terminates, and is told of what is not there', async () => {
    const id = await run('sdk_wait', [
      { name: 'w', taskReferenceName: 'w', type: 'WAIT' as const },
    ]);
    await executor.pause(id);
    expect((await executor.getWorkflowStatus(id, false, false)).status).toBe('PAUSED');
    await executor.resume(id);
    await executor.updateTaskByRefName('w', id, 'COMPLETED', { x: 1 });
    expect(await ended(id)).toEqual({ status: 'COMPLETED', output: { x: 1 } });
    const other = await run('sdk_wait', [
      { name: 'w', taskReferenceName: 'w', type: 'WAIT' as const },
    ]);
    await executor.terminate(other, 'enough');
    expect(await ended(other)).toMatchObject({ status: 'TERMINATED' });
    await expect(executor.startWorkflow({ name: 'sdk_unknown' })).rejects.toThrow(/sdk_unknown/u);
    await expect(metadata.unregisterTask('sdk_unknown')).rejects.toThrow(/sdk_unknown/u);
  });
});
