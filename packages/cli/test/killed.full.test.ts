import { eventually } from '@joinery/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nested } from './fixtures/definitions.ts';
import { endAll, joinery } from './fixtures/joinery-process.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'joinery-killed-'));
  await writeFile(join(cwd, 'nested.json'), JSON.stringify(nested));
});
afterEach(endAll);
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

describe('joinery with a private Redis', () => {
  it('leaves no Redis behind when it is killed, and loses nothing that was written', async () => {
    const waiting = joinery(['run', 'nested.json', '--wait-for-workers'], { cwd });
    const runId = await eventually(
      () => {
        expect(waiting.err()).toContain('started nested version 1');
        return /^run (\S+)$/m.exec(waiting.err())?.[1] ?? '';
      },
      { withinMs: 60_000 },
    );
    const address = await readFile(join(cwd, '.joinery/redis.json'), 'utf8');
    const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(address));
    waiting.child.kill('SIGKILL');
    await eventually(() => {
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });
    const inspect = joinery(['inspect', runId], { cwd });
    expect(await inspect.ended).toBe(0);
    expect(inspect.out()).toMatch(/^prepare +prepare +SCHEDULED/m);
    expect(inspect.out()).toMatch(/^ {4}\[2\] y +y +-$/m);
  });
});
