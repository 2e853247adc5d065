import { probeRedis } from '../src/redis-probe.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@joinery/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedRedis, openEmbeddedRedis } from '../src/index.ts';

let cwd: string;
const opened: EmbeddedRedis[] = [];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'joinery-embedded-'));
});
afterEach(async () => {
  for (const redis of opened.splice(0)) await redis.close();
  await rm(cwd, { recursive: true, force: true });
});

async function open(): Promise<EmbeddedRedis> {
  const redis = await openEmbeddedRedis(cwd);
  opened.push(redis);
  return redis;
}

function portOf({ url }: EmbeddedRedis): number {
  return Number(new URL(url).port);
}

describe('the private Redis of a folder', () => {
  it('is started by the first alone, however many come at once, and stopped by it alone', async () => {
    const all = await Promise.all([open(), open(), open(), open()]);
    expect(all.filter((redis) => redis.isOwned)).toHaveLength(1);
    expect(new Set(all.map((redis) => redis.url)).size).toBe(1);
    const [first] = all;
    if (!first) throw new Error('none');
    for (const redis of all) if (!redis.isOwned) await redis.close();
    expect(await probeRedis(portOf(first))).toMatchObject({ type: 'redis' });
    for (const redis of all) if (redis.isOwned) await redis.close();
    expect(await probeRedis(portOf(first))).toEqual({ type: 'absent' });
    await expect(readFile(join(cwd, '.joinery/redis.json'))).rejects.toThrow('ENOENT');
  });

  it('is not the server that has its port now: another one by run id, or none at all', async () => {
    await using other = await startRedis();
    await (await open()).close();
    const stale = { url: other.url, port: other.port, pid: process.pid, runId: 'abc' };
    await writeFile(join(cwd, '.joinery/redis.json'), JSON.stringify(stale));
    const redis = await open();
    expect(redis.isOwned).toBe(true);
    expect(redis.url).not.toBe(other.url);
  });

  it('is started anew over a file that nobody finished writing', async () => {
    await (await open()).close();
    await writeFile(join(cwd, '.joinery/redis.json'), '{"url":');
    expect((await open()).isOwned).toBe(true);
  });

  it('says why it does not start', async () => {
    await (await open()).close();
    await rm(join(cwd, '.joinery/data/appendonlydir'), { recursive: true });
    await writeFile(join(cwd, '.joinery/data/appendonlydir'), 'a file where a folder should be');
    await expect(openEmbeddedRedis(cwd)).rejects.toThrow(
      /a private redis-server did not start: .*append-only dir/,
    );
  });
});
