/*
 * The private Redis of a folder, for who has set no REDIS_URL.
 * Ownership: the process that started it stops it at its end; all others only join.
 * Interface: openEmbeddedRedis; `.joinery/redis.json` says where it is, `.joinery/data` holds the data.
 * Invariants:
 *  M1 two servers never run on one folder: one process at a time starts one, and only where none answers.
 *  M2 a server that is not the one of redis.json (by its run id) is never used, whoever has its port now.
 */
import { JoineryError } from '@joinery/core';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { withStartLock } from './start-lock.ts';
import { probeRedis } from './redis-probe.ts';
import { startRedisProcess } from './redis-process.ts';

/** A private Redis, started here or joined. */
export interface EmbeddedRedis {
  readonly url: string;
  /** Started by this process, and stopped with it. */
  readonly isOwned: boolean;
  /** Stops it if it is ours. Call it when nothing uses it any more. */
  close(): Promise<void>;
}

/** The folder in which everything of it is. */
export const EMBEDDED_DIR = '.joinery';

const addressSchema = z.object({
  url: z.string(),
  port: z.int().min(1).max(65_535),
  pid: z.int(),
  runId: z.string().min(1),
});
type Address = z.output<typeof addressSchema>;

/** Between freePort and bind somebody may take the port, hardly three times. */
const START_TRIES = 3;
/** A server that is there and loads its data is waited for this long. */
const JOIN_WITHIN_MS = 60_000;

/** Joins the private Redis of a folder, or starts it on the data that it left there. */
export async function openEmbeddedRedis(cwd: string): Promise<EmbeddedRedis> {
  const dir = resolve(cwd, EMBEDDED_DIR);
  await mkdir(join(dir, 'data'), { recursive: true });
  const joined = await joinRunning(dir);
  if (joined !== null) return joined;
  // Several may have found nothing at once: the first starts, the others look again.
  return withStartLock(join(dir, 'redis.lock'), async () => (await joinRunning(dir)) ?? start(dir));
}

async function joinRunning(dir: string): Promise<EmbeddedRedis | null> {
  const address = await readAddress(dir);
  if (address === null) return null;
  const until = performance.now() + JOIN_WITHIN_MS;
  while (performance.now() < until) {
    const answer = await probeRedis(address.port);
    if (answer.type === 'absent' || answer.type === 'other') return null;
    if (answer.type === 'redis' && answer.runId !== address.runId) return null;
    if (answer.type === 'redis' && !answer.isLoading) {
      return { url: address.url, isOwned: false, close: () => Promise.resolve() };
    }
    await delay(50);
  }
  const message = `the private Redis at ${address.url} (process ${address.pid}) does not answer; end it, and start again`;
  const details = { address: address.url, operation: 'INFO', waitedMs: JOIN_WITHIN_MS };
  throw new JoineryError('JN_REDIS_UNAVAILABLE', details, { message });
}

async function start(dir: string): Promise<EmbeddedRedis> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      const places = { dataDir: join(dir, 'data'), logFile: join(dir, 'redis.log') };
      const server = await startRedisProcess({ port, ...places, binDir: join(dir, 'bin') });
      const url = `redis://127.0.0.1:${port}`;
      await writeAddress(dir, { url, port, pid: server.pid, runId: server.runId });
      return {
        url,
        isOwned: true,
        async close() {
          await server.stop();
          await rm(join(dir, 'redis.json'), { force: true });
        },
      };
    } catch (error) {
      if (attempt >= START_TRIES) throw error;
    }
  }
}

/** What is not ours, or half written, counts as absent. */
async function readAddress(dir: string): Promise<Address | null> {
  const text = await readFile(join(dir, 'redis.json'), 'utf8').catch(() => 'null');
  try {
    return addressSchema.nullable().parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function writeAddress(dir: string, address: Address): Promise<void> {
  const file = join(dir, 'redis.json');
  await writeFile(`${file}.new`, `${JSON.stringify(address)}\n`);
  await rename(`${file}.new`, file);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolvePort, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolvePort(port);
      });
    });
  });
}
