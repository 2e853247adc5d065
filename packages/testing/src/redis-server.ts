/*
 * A throwaway redis-server on 127.0.0.1 with faults on demand.
 * Ownership: one object owns one process and, unless `dir` was given, one directory.
 * Interface: kill, restart, pause, resume; dispose ends the process and removes an owned directory.
 * Invariant: the server never outlives the process that started it, however that one dies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** How a throwaway Redis is started. */
export interface StartRedisOptions {
  /** Append-only file with everysec. Default false: nothing survives a restart. */
  readonly appendonly?: boolean;
  /** Data directory; kept at the end. Default: a temporary one, removed at the end. */
  readonly dir?: string;
  /** Default: a free one, with another try when somebody was faster. */
  readonly port?: number;
  /** Default noeviction. */
  readonly maxmemoryPolicy?: string;
  /** More arguments for redis-server, for example `['--maxmemory', '6mb']`. */
  readonly args?: readonly string[];
  /** Of the server's environment, besides ours. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running throwaway Redis. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The process id of the present server; another one after `restart`. */
  readonly pid: number;
  readonly dir: string;
  /** SIGKILL, and wait until it is gone. Harmless when it is gone already. */
  kill(): Promise<void>;
  /** Kills it when it runs, and starts it on the same port and directory. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

/** Starts a throwaway Redis and answers when it accepts connections (with all data loaded). */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'joinery-redis-')));
  // Five tries: between freePort and bind another test file may take the port, hardly five times.
  const tries = options.port === undefined ? 5 : 1;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const launch = (): Promise<ChildProcess> =>
      launchServer(serverArgs(options, dir, port), options.env);
    try {
      return serverAround({ first: await launch(), launch, dir, port, ownsDir: !options.dir });
    } catch (error) {
      if (attempt >= tries) throw error;
    }
  }
}

function serverArgs(options: StartRedisOptions, dir: string, port: number): readonly string[] {
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir,
    save: '',
    appendonly: options.appendonly ? 'yes' : 'no',
    'maxmemory-policy': options.maxmemoryPolicy ?? 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return [...args, ...(options.args ?? [])];
}

interface ServerParts {
  readonly first: ChildProcess;
  readonly launch: () => Promise<ChildProcess>;
  readonly dir: string;
  readonly port: number;
  readonly ownsDir: boolean;
}

function serverAround({ first, launch, dir, port, ownsDir }: ServerParts): RedisServer {
  let server = first;
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid(): number {
      return server.pid ?? 0;
    },
    kill,
    async restart(): Promise<void> {
      await kill();
      server = await launch();
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async [Symbol.asyncDispose](): Promise<void> {
      await kill();
      if (ownsDir) await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launchServer(
  args: readonly string[],
  more: StartRedisOptions['env'] = {},
): Promise<ChildProcess> {
  // By the system's `env`, which the server then replaces: what a test process has in its own environment goes along.
  const added = Object.entries(more).map(([name, value]) => `${name}=${value}`);
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const server = spawn('env', [...added, 'redis-server', ...args], { stdio });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Error('cannot run redis-server', { cause })));
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)));
    server.stdout.on('data', (chunk: Buffer) => {
      // The log stays readable to the end: a full pipe would block the server.
      if (log.length < 65_536) log += chunk.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
  });
  guard(server);
  // A starter with nothing else to do may end; the guardian then ends the server.
  server.unref();
  if (server.stdout instanceof Socket) server.stdout.unref();
  return server;
}

/** A shell that outlives us for a moment: end of its input means that we died, by whatever signal. */
function guard(server: ChildProcess): void {
  const guardian = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'sh', String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without this a reused process id could be killed later.
  server.once('exit', () => guardian.kill('SIGKILL'));
  guardian.unref();
}
