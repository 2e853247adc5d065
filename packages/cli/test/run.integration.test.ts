import { z } from 'zod';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nested, order } from './fixtures/definitions.ts';
import { endAll, joinery } from './fixtures/joinery-process.ts';

const result = z.object({
  runId: z.string(),
  status: z.string(),
  output: z.unknown(),
  reason: z.string(),
});
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'joinery-cli-'));
  await writeFile(join(cwd, 'nested.json'), JSON.stringify(nested));
  const broken = { ...order, tasks: [...order.tasks, ...order.tasks] };
  await writeFile(join(cwd, 'broken.json'), JSON.stringify(broken));
});
afterEach(endAll);
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

describe('joinery, as its users start it', { timeout: 90_000 }, () => {
  it('runs a nested fork with a private Redis', async () => {
    const input = JSON.stringify({ id: 7 });
    const run = joinery(['run', 'nested.json', '--echo', '--json', '--input', input], { cwd });
    expect({ code: await run.ended, err: run.err() }).toMatchObject({ code: 0 });
    const { runId: _, ...rest } = result.parse(JSON.parse(lastLine(run.out())));
    expect(rest).toEqual({ status: 'COMPLETED', output: { id: 7 }, reason: '' });
    expect(run.err()).toContain('inner_join joined 2 branches: COMPLETED');
    await expect(readFile(join(cwd, '.joinery/redis.json'))).rejects.toThrow('ENOENT');
  });

  it('answers a bad definition with 1 and wrong configuration with 78', async () => {
    const wrong = { JOINERY_LOCK_TIME_TO_TRI: '2s', LOG_LEVEL: 'loud' };
    const all = [joinery(['run', 'broken.json'], { cwd }), joinery(['all'], { cwd, env: wrong })];
    const [definition, config] = all;
    expect(await Promise.all(all.map((each) => each.ended))).toEqual([1, 78]);
    expect(definition?.err()).toMatch(
      /^JN_DEF_DUPLICATE_REF: .*\n(?: {2}- JN_\w+: .*\n)+ {2}what to do: /,
    );
    expect(config?.err()).toMatch(/^JN_CONFIG_INVALID: Configuration has 2 problems/);
    expect(config?.err()).toContain('did you mean JOINERY_LOCK_TIME_TO_TRY?');
    for (const each of all) expect(each.err() + each.out()).not.toContain('    at ');
  });
});
