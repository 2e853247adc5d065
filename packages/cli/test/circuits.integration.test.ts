import { getCircuit, openEngine, type OpenEngine } from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { type RedisServer, startRedis } from '@joinery/testing';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli } from './fixtures/test-terminal.ts';
import { tripBank } from './fixtures/trip-bank.ts';

let redis: RedisServer;
let open: OpenEngine;

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
});
afterAll(async () => {
  await open.close();
  await redis[Symbol.asyncDispose]();
});

it('docs/circuit-breakers.md shows commands that do what it says, one after another', async () => {
  const page = await readFile(
    new URL('../../../docs/circuit-breakers.md', import.meta.url),
    'utf8',
  );
  const lines = (/```sh\n(.*?)```/s.exec(page)?.[1] ?? '').trim().split('\n');
  expect(lines).toHaveLength(3);
  await tripBank(open);
  const shown: string[] = [];
  for (const line of lines) {
    const [, ...args] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');
    const { exitCode, out, err } = await cli(args, { env: { REDIS_URL: redis.url }, cwd: '.' });
    expect({ line, exitCode, err }).toEqual({ line, exitCode: 0, err: [] });
    shown.push(out.join('\n'));
  }
  expect(shown[0]).toMatch(/bank +open +0 of 0 +1 /);
  expect(JSON.parse(shown[1] ?? '')).toMatchObject({ phase: 'open', events: [{ type: 'opened' }] });
  expect(await getCircuit(open, 'bank')).toMatchObject({
    phase: 'closed',
    events: [{ type: 'reset', actor: 'joinery', reason: 'the bank is back' }, {}],
  });
});

it('a breaker that is not there is told by its code', async () => {
  const env = { REDIS_URL: redis.url };
  const { exitCode, err } = await cli(['circuits', 'reset', 'nobody'], { env, cwd: '.' });
  expect([exitCode, err.join()]).toEqual([1, expect.stringContaining('JN_CIRCUIT_NOT_FOUND')]);
});
