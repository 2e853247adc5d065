/*
 * The parent's side of a process of a measurement.
 * Ownership: the handle owns its process. Interface: ask, and close at the end.
 * Invariant: a process that ends before it is asked to fails every question, also those to come.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { z } from 'zod';
import {
  type ProcessRequest,
  type ProcessSpec,
  processUsage,
  replyMessage,
} from './process-protocol.ts';

/** A running process of a measurement. */
export interface BenchProcess extends AsyncDisposable {
  /** Asks; the answer is parsed, and an error there is thrown here. */
  ask<Reply extends z.ZodType>(request: ProcessRequest, reply: Reply): Promise<z.output<Reply>>;
}

/** What each kind of question is answered with. */
export const replies = {
  nothing: z.unknown(),
  numbers: z.array(z.number()),
  loop: z.object({ finishedCount: z.number(), elapsedMs: z.number() }),
  paced: z.object({
    latenciesMs: z.array(z.number()),
    startsMs: z.array(z.number()),
    successionsMs: z.array(z.number()),
  }),
  starts: z.object({ latenciesMs: z.array(z.number()), elapsedMs: z.number() }),
  verified: z.object({ startedCount: z.number(), verifiedCount: z.number() }),
  usage: processUsage,
  facts: z.object({ lockDriver: z.string().nullable(), warningCount: z.number() }),
};

/** A process that does not let go within this time is killed. */
const CLOSE_WITHIN_MS = 20_000;

/** Starts a process and answers when it is ready. `nodeArgs`: for example `--cpu-prof`. */
export async function startBenchProcess(
  spec: ProcessSpec,
  nodeArgs: readonly string[] = [],
): Promise<BenchProcess> {
  // The same file as we are: source beside source, built beside built.
  const entry = new URL(`./bench-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(entry, [JSON.stringify(spec)], {
    execArgv: [...process.execArgv, ...nodeArgs],
  });
  const questions = new Questions(child);
  await questions.ready;
  return {
    ask: async (request, reply) => reply.parse(await questions.ask(request)),
    async [Symbol.asyncDispose]() {
      await end(child, questions);
    },
  };
}

async function end(child: ChildProcess, questions: Questions): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const killer = setTimeout(() => {
    process.stderr.write(`a process did not close in time: ${child.spawnargs.at(-1)}\n`);
    child.kill('SIGKILL');
  }, CLOSE_WITHIN_MS);
  await questions.ask({ type: 'close' }).catch(() => undefined);
  // SIGINT would end it without its profile; the end of the channel makes it exit by itself.
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(killer);
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Questions {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ready = this.#wait(0);
    child.on('message', (message) => this.#hear(message));
    child.once('exit', (code, signal) => {
      this.#ended = new Error(`a process of the measurement ended (${code ?? signal})`);
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
      this.#waiting.clear();
    });
  }

  async ask(request: ProcessRequest): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#lastId += 1;
    const answer = this.#wait(this.#lastId);
    this.#child.send({ id: this.#lastId, request });
    return answer;
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #hear(message: unknown): void {
    const { id, value, error } = replyMessage.parse(message);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }
}
