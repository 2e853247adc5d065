import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { createHttpCaller, type HttpCaller } from './http-caller.ts';

/** What a process has used so far. */
export interface ProcessUse {
  /** Of a core. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** `joinery all` in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly caller: HttpCaller;
  use(): Promise<ProcessUse>;
}

const entry = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));
const START_WITHIN_MS = 60_000;

/** Starts every role in one process, from sources, and waits until it answers. */
export async function startServerProcess(redisUrl: string): Promise<ServerProcess> {
  const port = await freePort();
  const args = ['--conditions=@joinery/source', '--import', 'tsx', entry, 'all'];
  const env = { REDIS_URL: redisUrl, PORT: String(port), LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const caller = createHttpCaller(url);
  const stop = async (): Promise<void> => {
    caller.close();
    child.kill('SIGTERM');
    await ended;
  };
  const isReady = async (): Promise<void> => {
    const { status } = await caller.call('GET', '/ready');
    if (status !== 200) throw new Error(`/ready is ${status}`);
  };
  try {
    await eventually(isReady, { withinMs: START_WITHIN_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    caller,
    use: async () => useOf((await caller.call('GET', '/metrics')).text),
    [Symbol.asyncDispose]: stop,
  };
}

function useOf(metrics: string): ProcessUse {
  const read = (name: string): number => {
    const value = Number(new RegExp(`^\\w*${name} (\\S+)$`, 'mu').exec(metrics)?.[1]);
    if (Number.isFinite(value)) return value;
    throw new Error(`/metrics has no ${name}`);
  };
  return {
    cpuSeconds: read('process_cpu_seconds_total'),
    residentBytes: read('process_resident_memory_bytes'),
    heapBytes: read('nodejs_heap_size_used_bytes'),
  };
}
