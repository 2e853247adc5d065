import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const lastLine = z.object({
  ratios: z.object({ W1: z.number().positive(), W2: z.number().positive() }),
  results: z.object({
    W1: z.object({ joinery: z.unknown(), 'bullmq-flow': z.unknown(), 'bullmq-hand': z.unknown() }),
    W2: z.object({ joinery: z.unknown(), 'bullmq-flow': z.unknown() }),
  }),
});

it('measures everything in processes of its own, checks all results, and ends with one object', async () => {
  const size = [
    '--rounds',
    '1',
    '--seconds',
    '1',
    '--warm-up',
    '0',
    '--pending',
    '20',
    '--idle',
    '5',
  ];
  const args = ['--conditions=@joinery/source', '--import', 'tsx', main, '--json', ...size];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(lastLine.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))).toBeTruthy();
  expect(stderr.match(/ results checked/g)).toHaveLength(5);
});
