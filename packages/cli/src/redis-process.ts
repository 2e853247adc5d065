/*
 * A redis-server of our own.
 * Ownership: whoever started it ends it; a guardian does when that process is killed.
 * Invariants:
 *  P1 a signal from the terminal does not reach it: runs in hand are stored while its owner drains.
 *  P2 it never outlives its owner, however that one dies.
 */
import { JoineryError } from '@joinery/core';
import { settlesWithin } from '@joinery/kit';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { probeRedis } from './redis-probe.ts';

/** A running server. */
export interface RedisProcess {
  readonly pid: number;
  readonly runId: string;
  /** Ends it as Redis wishes: with everything written. */
  stop(): Promise<void>;
}

/** Where it keeps what, and where it listens. */
export interface RedisProcessOptions {
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** A folder with a `redis-server` that is not on the PATH. */
  readonly binDir: string;
}

/** Loading a large append-only file takes a while; a server that hangs must not hang us. */
const START_WITHIN_MS = 60_000;
/** Writing what is left takes milliseconds; a full disk for ever. */
const STOP_WITHIN_MS = 10_000;

/** Starts a server and answers when it has loaded its data. Throws JN_REDIS_UNAVAILABLE saying why it did not start. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const binaries = ['redis-server', 'valkey-server', join(options.binDir, 'redis-server')];
  for (const binary of binaries) {
    const child = await launch(binary, argumentsOf(options));
    if (child === null) continue;
    guard(child);
    // Waiting for it is the caller's business, not the event loop's.
    child.unref();
    const runId = await readyRunId(child, options);
    return { pid: child.pid ?? 0, runId, stop: () => stop(child) };
  }
  const problem = `none of ${binaries.join(', ')} is there; install Redis 6.2 or later, or set REDIS_URL`;
  throw unavailable(options, problem);
}

function argumentsOf({ port, dataDir, logFile }: RedisProcessOptions): readonly string[] {
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: dataDir,
    logfile: logFile,
    loglevel: 'warning',
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Null when there is no such program. A process group of its own keeps Ctrl-C away from it. */
async function launch(binary: string, args: readonly string[]): Promise<ChildProcess | null> {
  const child = spawn(binary, args, { stdio: 'ignore', detached: true });
  const error = await new Promise<Error | undefined>((resolve) => {
    child.once('spawn', () => {
      resolve(undefined);
    });
    child.once('error', resolve);
  });
  return error === undefined ? child : null;
}

async function readyRunId(child: ChildProcess, options: RedisProcessOptions): Promise<string> {
  const until = performance.now() + START_WITHIN_MS;
  while (performance.now() < until) {
    if (hasEnded(child)) break;
    const answer = await probeRedis(options.port);
    if (answer.type === 'redis' && !answer.isLoading) return answer.runId;
    await delay(20);
  }
  await stop(child);
  const log = await readFile(options.logFile, 'utf8').catch(() => '');
  const last = log.trim().split('\n').at(-1) ?? '';
  throw unavailable(options, `a private redis-server did not start: ${last || 'it says nothing'}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.ref();
  child.kill('SIGTERM');
  if (await settlesWithin(exited, STOP_WITHIN_MS)) return;
  child.kill('SIGKILL');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A shell that outlives us for a moment: the end of its input means that we died, by whatever signal. */
function guard(child: ChildProcess): void {
  const script = 'read _; kill -TERM "$1"';
  const guardian = spawn('sh', ['-c', script, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without this a reused process id could be ended later.
  child.once('exit', () => guardian.kill('SIGKILL'));
  guardian.unref();
}

function unavailable({ port }: RedisProcessOptions, message: string): JoineryError {
  const details = { address: `127.0.0.1:${port}`, operation: 'start', waitedMs: 0 };
  return new JoineryError('JN_REDIS_UNAVAILABLE', details, { message });
}
