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

const size = ['--rounds', '1', '--seconds', '1', '--warm-up', '0', '--sweep', '0'];
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

it('measures what waiting runs cost, and a chain that goes through among them', async () => {
  const { stdout } = await bench('--idle-runs', '50', '--json', '--seconds', '0.1', '--idle', '3');
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
