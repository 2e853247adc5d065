import { Worker } from 'node:worker_threads';
import { GRACE_MS } from './sandbox-limits.ts';
import type { ThreadReply, ThreadRequest } from './thread-message.ts';

/** Starting takes some 100 ms on a quiet machine; a thread that takes longer than this will never be there. */
const START_LIMIT_MS = 30_000;

/** One thread, one script at a time. */
export class ScriptThread {
  readonly #worker: Worker;
  readonly #ready: Promise<void>;

  constructor() {
    this.#worker = startThread();
    this.#ready = this.#next('ready', START_LIMIT_MS).then(() => undefined);
    // Whoever asks first hears of it.
    this.#ready.catch(() => undefined);
  }

  /** Runs a script; one that does not end in time is answered for, and leaves a spent thread. */
  async ask(request: ThreadRequest): Promise<ThreadReply> {
    await this.#ready;
    const { timeoutMs } = request.limits;
    const reply = this.#next('reply', timeoutMs + GRACE_MS);
    this.#worker.postMessage(request, []);
    const message = await reply;
    if (message !== 'late') return message;
    return { ok: false, reason: `ran for longer than ${timeoutMs} ms`, isSpent: true };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The next message of the thread; rejects when the thread ends first, or is late in getting ready. */
  #next(what: 'ready' | 'reply', limitMs: number): Promise<ThreadReply | 'late'> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      const onMessage = (message: ThreadReply): void => {
        settle();
        resolve(message);
      };
      const onError = (error: Error): void => {
        settle();
        reject(new Error('a thread of the sandbox failed', { cause: error }));
      };
      const onExit = (): void => {
        settle();
        reject(new Error('a thread of the sandbox has ended'));
      };
      const timer = setTimeout(() => {
        settle();
        if (what === 'reply') resolve('late');
        else reject(new Error(`a thread of the sandbox was not ready within ${limitMs} ms`));
      }, limitMs);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }
}

function startThread(): Worker {
  const worker = new Worker(...entry());
  // What engines print is of no use; unread, it would fill up.
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  return worker;
}

const OPTIONS = {
  // Nothing of this process is to be seen from within, should a script ever get out of its engine.
  env: {},
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: 256, stackSizeMb: 4 },
};

/** The thread's module; where this file is a source, as in tests, through the loader that reads such files. */
function entry(): ConstructorParameters<typeof Worker> {
  if (!import.meta.url.endsWith('.ts')) {
    return [new URL('./sandbox-thread.js', import.meta.url), OPTIONS];
  }
  const thread = new URL('./sandbox-thread.ts', import.meta.url).href;
  const loader = import.meta.resolve('tsx/esm/api');
  return [BOOT_FROM_SOURCE, { ...OPTIONS, eval: true, workerData: { loader, thread } }];
}

const BOOT_FROM_SOURCE = `
  const { workerData } = require('node:worker_threads');
  import(workerData.loader).then(({ register }) => {
    register();
    return import(workerData.thread);
  });
`;
