import { type RedisServer, startRedis } from '@joinery/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type CliResult } from './fixtures/test-terminal.ts';

let redis: RedisServer;
let cwd: string;
const page = await readFile(new URL('../../../docs/schedules.md', import.meta.url), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, text]) => text ?? '',
  );

beforeAll(async () => {
  redis = await startRedis();
  cwd = await mkdtemp(join(tmpdir(), 'joinery-schedules-'));
  await writeFile(join(cwd, 'nightly.json'), blocks('json')[0] ?? '');
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

const run = (args: readonly string[]): Promise<CliResult> =>
  cli([...args], { env: { REDIS_URL: redis.url }, cwd });
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

describe('docs/schedules.md', () => {
  it('shows commands that do what it says, one after another', async () => {
    const shown: Record<string, readonly string[]> = {};
    const lines = blocks('sh').flatMap((block) => block.trim().split('\n'));
    for (const line of lines) {
      const [, ...args] = wordsOf(line);
      const { exitCode, out, err } = await run(args);
      expect({ line, exitCode, err }).toEqual({ line, exitCode: 0, err: [] });
      shown[args[1] ?? ''] = out;
    }
    expect(lines).toHaveLength(8);
    expect(shown['list']?.[1]).toMatch(/^nightly +report +\d{4}-\d\d-\d\dT0[12]:30:00\.000Z$/);
    expect(shown['next']).toHaveLength(3);
    expect(shown['pause']).toEqual(['nightly is paused']);
    expect(shown['resume']?.[0]).toMatch(/^nightly: \d{4}-/);
    // Midnight in Berlin, in summer.
    expect(shown['backfill']).toEqual([
      'would run 2026-05-01T22:00:00.000Z',
      'would run 2026-05-02T22:00:00.000Z',
    ]);
    expect(shown['delete']).toEqual(['nightly is gone']);
  });

  it('a wrong moment is wrong usage, a schedule that is not there is told by its code', async () => {
    const backfill = ['schedule', 'backfill', 'nightly', '--name', 'b', '--to', '2026-05-03'];
    expect((await run([...backfill, '--from', 'soon'])).exitCode).toBe(2);
    for (const args of [['show'], ['history'], ['pause'], ['delete']]) {
      const { exitCode, err } = await run(['schedule', ...args, 'nobody']);
      expect(exitCode).toBe(1);
      expect(err.join('\n')).toContain('JN_SCHEDULE_NOT_FOUND');
    }
  });
});
