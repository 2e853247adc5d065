import { z } from 'zod';
import { eventually } from '@joinery/testing';
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
  it('runs a nested fork with a private Redis, and finds it again on the same data', async () => {
    const input = JSON.stringify({ id: 7 });
    const run = joinery(['run', 'nested.json', '--echo', '--json', '--input', input], { cwd });
    expect({ code: await run.ended, err: run.err() }).toMatchObject({ code: 0 });
    const { runId, ...rest } = result.parse(JSON.parse(lastLine(run.out())));
    expect(rest).toEqual({ status: 'COMPLETED', output: { id: 7 }, reason: '' });
    expect(run.err()).toContain('inner_join joined 2 branches: COMPLETED');
    await expect(readFile(join(cwd, '.joinery/redis.json'))).rejects.toThrow('ENOENT');

    const runs = joinery(['runs'], { cwd });
    expect(await runs.ended).toBe(0);
    expect(runs.out()).toMatch(new RegExp(`^${runId} +COMPLETED +nested@1`, 'm'));
  });

  it('answers a bad definition with 1, wrong configuration with 78, and wrong usage with 2', async () => {
    const wrong = { JOINERY_LOCK_TIME_TO_TRI: '2s', LOG_LEVEL: 'loud' };
    const all = [
      joinery(['run', 'broken.json'], { cwd }),
      joinery(['all'], { cwd, env: wrong }),
      joinery(['run'], { cwd }),
    ];
    const [definition, config, usage] = all;
    expect(await Promise.all(all.map((each) => each.ended))).toEqual([1, 78, 2]);
    expect(definition?.err()).toMatch(
      /^JN_DEF_DUPLICATE_REF: .*\n(?: {2}- JN_\w+: .*\n)+ {2}what to do: /,
    );
    expect(config?.err()).toMatch(/^JN_CONFIG_INVALID: Configuration has 2 problems/);
    expect(config?.err()).toContain('did you mean JOINERY_LOCK_TIME_TO_TRY?');
    expect(usage?.err()).toContain("missing required argument 'definition.json'");
    for (const each of all) expect(each.err() + each.out()).not.toContain('    at ');
  });

  it('leaves no Redis behind when it is killed, and loses nothing that was written', async () => {
    const folder = await mkdtemp(join(cwd, 'killed-'));
    await writeFile(join(folder, 'nested.json'), JSON.stringify(nested));
    const waiting = joinery(['run', 'nested.json', '--wait-for-workers'], { cwd: folder });
    const runId = await eventually(
      () => {
        expect(waiting.err()).toContain('started nested version 1');
        return /^run (\S+)$/m.exec(waiting.err())?.[1] ?? '';
      },
      { withinMs: 60_000 },
    );
    const address = await readFile(join(folder, '.joinery/redis.json'), 'utf8');
    const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(address));
    waiting.child.kill('SIGKILL');
    await eventually(() => {
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });
    const inspect = joinery(['inspect', runId], { cwd: folder });
    expect(await inspect.ended).toBe(0);
    expect(inspect.out()).toMatch(/^prepare +prepare +SCHEDULED/m);
    expect(inspect.out()).toMatch(/^ {4}\[2\] y +y +-$/m);
  });
});
