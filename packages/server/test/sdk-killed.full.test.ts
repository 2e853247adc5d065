import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

const RESPONSE_TIMEOUT_S = 2;
const IN_HAND = 4;
const script = fileURLToPath(new URL('fixtures/sdk-worker.ts', import.meta.url));

let bench: ApiBench;
const kills: (() => void)[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  for (const kill of kills) kill();
  await bench.end();
});

/** A worker process, and the attempts that it says it has taken. */
function startWorker(mode: 'hold' | 'finish') {
  const child = spawn(process.execPath, ['--import', 'tsx', script, bench.url, 'killed', mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'exit');
  kills.push(() => child.kill('SIGKILL'));
  return {
    taken: () => [...text.matchAll(/took (\S+)/g)].map(([, id = '']) => id),
    async kill() {
      child.kill('SIGKILL');
      const [, signal] = await ended;
      return signal as unknown;
    },
  };
}

const shown = z.object({
  status: z.string(),
  tasks: z.array(
    z.object({ taskId: z.string(), status: z.string(), retriedTaskId: z.string().nullable() }),
  ),
});

it('the tasks of a killed SDK process come back under new ids, and their runs complete', async () => {
  await bench.call('POST', '/api/metadata/taskdefs', [
    {
      name: 'killed',
      retryCount: 3,
      retryDelaySeconds: 0,
      responseTimeoutSeconds: RESPONSE_TIMEOUT_S,
    },
  ]);
  await bench.call('PUT', '/api/metadata/workflow', [
    { name: 'killed', version: 1, tasks: [simple('killed')] },
  ]);
  const first = startWorker('hold');
  const starts = Array.from({ length: IN_HAND }, async () =>
    String((await bench.call('POST', '/api/workflow', { name: 'killed' })).body),
  );
  const runIds = await Promise.all(starts);
  await eventually(async () => expect(first.taken()).toHaveLength(IN_HAND), { withinMs: 30_000 });
  expect(await first.kill()).toBe('SIGKILL');
  const killedAt = performance.now();
  const second = startWorker('finish');
  const runs = await eventually(
    async () => {
      const found = await Promise.all(
        runIds.map(async (id) =>
          shown.parse((await bench.call('GET', `/api/workflow/${id}`)).body),
        ),
      );
      expect(found.map(({ status }) => status)).toEqual(runIds.map(() => 'COMPLETED'));
      return found;
    },
    { withinMs: 60_000 },
  );
  process.stdout.write(`measured sdk-killed ${Math.round(performance.now() - killedAt)} ms\n`);
  for (const { tasks } of runs) {
    const [lost, done] = tasks;
    expect(tasks.map(({ status }) => status)).toEqual(['TIMED_OUT', 'COMPLETED']);
    expect(first.taken()).toContain(lost?.taskId);
    expect(second.taken()).toContain(done?.taskId);
    expect(done).toMatchObject({ retriedTaskId: lost?.taskId });
  }
  expect(second.taken()).toHaveLength(IN_HAND);
});
