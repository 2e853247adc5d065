import { JoineryError } from '@joinery/core';
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A live holder touches its file every second; one that has not for so long is dead. */
const STALE_AFTER_MS = 5_000;
const TOUCH_EVERY_MS = 1_000;
/** Longer than any start may take. */
const WAIT_LIMIT_MS = 90_000;

/** Runs `work` while no other process of this machine does, by a file that only its maker removes or death makes stale. */
export async function withStartLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + WAIT_LIMIT_MS;
  while (!(await take(file))) {
    if (performance.now() > until) throw busy(file);
    if (await isStale(file)) await rm(file, { force: true });
    else await delay(50);
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(ignore);
  }, TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > STALE_AFTER_MS;
}

function busy(file: string): Error {
  const message = `another process holds ${file} for too long; remove it if none is starting`;
  const details = { address: file, operation: 'start', waitedMs: WAIT_LIMIT_MS };
  return new JoineryError('JN_REDIS_UNAVAILABLE', details, { message });
}

function ignore(): void {
  // The file is gone: its holder is done.
}
