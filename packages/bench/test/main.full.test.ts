import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const ratio = z.number().positive();
const lastLine = z.object({
  ratios: z.object({ W1: ratio, W1NoContinuation: ratio, W2: ratio, W3: ratio, W4: ratio }),
  redisCpuPerTask: z.object({ W1: ratio, W2: ratio, W3: ratio, W4: ratio, rawJob: ratio }),
  results: z.object({
    W1: z.object({ joinery: z.unknown(), 'bullmq-flow': z.unknown(), 'bullmq-hand': z.unknown() }),
    W4: z.object({ joinery: z.unknown(), 'bullmq-flow': z.unknown() }),
  }),
});

const quick = ['--seconds', '0.3', '--warm-up', '0', '--warm-up-tasks', '0', '--sweep', '0'];
const size = ['--rounds', '1', ...quick];
const load = ['--pending', '3', '--idle', '3', '--branches', '100'];

async function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const command = ['--conditions=@joinery/source', '--import', 'tsx', main, ...args];
  return promisify(execFile)(process.execPath, command);
}

it('measures everything in processes of its own, checks all results, and ends with one object', async () => {
  const { stdout, stderr } = await bench('--json', ...size, ...load);
  expect(lastLine.parse(lastObject(stdout))).toBeTruthy();
  expect(stderr.match(/ results checked/g)).toHaveLength(11);
});

it('measures starts in bulk and under load', async () => {
  const { stdout } = await bench('--starts', '--json', ...size);
  const spread = z.object({ median: z.number().positive() });
  const starts = z.object({ bulkStartsPerSecond: spread, loadedP99Ms: spread });
  expect(z.object({ starts }).parse(lastObject(stdout))).toBeTruthy();
});

it('measures iterations of a loop to its end', async () => {
  const { stdout } = await bench('--loops', '200', '--json');
  const cost = z.object({ iteration: z.number(), medianMs: z.number().positive() });
  const loops = z.object({ early: cost, late: cost });
  const { early, late } = z.object({ loops }).parse(lastObject(stdout)).loops;
  expect([early.iteration, late.iteration]).toEqual([15, 199]);
});

it('measures what waiting runs cost, and a chain that goes through among them', async () => {
  const { stdout } = await bench(
    '--idle-runs',
    '50',
    '--settle',
    '1',
    '--idle',
    '3',
    '--json',
    ...size,
  );
  const costs = z.object({
    // The sweeper looks into every partition each half second, whether anything is due or not.
    scriptsPerMinute: z.number().min(60),
    redisBytesPerRun: z.number().min(500),
    chainP50Ms: z.number().positive(),
  });
  expect(z.object({ idleRuns: z.object({ many: costs }) }).parse(lastObject(stdout))).toBeTruthy();
});

function lastObject(stdout: string): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
