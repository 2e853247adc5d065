/*
 * Ownership: the threads, until close. A script shares nothing with this process but the text that goes in and out.
 * Interface: evaluate, any number at once; they take turns on the threads.
 * Invariants:
 *  B1 every call settles: with a result, or after the time limit and a grace, when its thread is ended.
 *  B2 the event loop of this process does nothing but pass text on.
 *  B3 a thread that did not end its script in order is never used again.
 */
import { type Evaluation, type EvaluationResult, type Json } from '@joinery/core';
import { DEFAULT_LIMITS, type SandboxLimits } from './sandbox-limits.ts';
import { ScriptThread } from './script-thread.ts';

/** Runs scripts where they can do no harm. */
export interface Sandbox {
  /**
   * Runs one script. Resolves with what it came to, also when it breaks a limit. Rejects only when the sandbox itself
   * cannot work (no thread can be started, or it is closed): that says nothing about the script.
   */
  evaluate(evaluation: Evaluation): Promise<EvaluationResult>;
  /** Ends all threads; scripts that run are rejected. May be repeated. */
  close(): Promise<void>;
}

/** Makes a sandbox. Threads are started when they are needed; `threads` at most, default 1. */
export function createSandbox({
  limits = {},
  threads = 1,
}: { readonly limits?: Partial<SandboxLimits>; readonly threads?: number } = {}): Sandbox {
  return new ThreadedSandbox({ ...DEFAULT_LIMITS, ...limits }, threads);
}

class ThreadedSandbox implements Sandbox {
  readonly #limits: SandboxLimits;
  readonly #turns: (() => void)[] = [];
  readonly #idle: ScriptThread[] = [];
  readonly #all = new Set<ScriptThread>();
  #free: number;
  #isClosed = false;

  constructor(limits: SandboxLimits, threads: number) {
    this.#limits = limits;
    this.#free = threads;
  }

  async evaluate({ language, script, input }: Evaluation): Promise<EvaluationResult> {
    await this.#turn();
    try {
      if (this.#isClosed) throw new Error('the sandbox is closed');
      const thread = this.#take();
      const request = { language, script, input: JSON.stringify(input), limits: this.#limits };
      const reply = await thread.ask(request).catch(async (error: unknown) => {
        await this.#end(thread);
        throw error;
      });
      if (reply.ok || !reply.isSpent) this.#idle.push(thread);
      else await this.#end(thread);
      return reply.ok ? parsed(reply.output) : { ok: false, reason: reply.reason };
    } finally {
      this.#leave();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((thread) => this.#end(thread)));
  }

  #take(): ScriptThread {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const thread = new ScriptThread();
    this.#all.add(thread);
    return thread;
  }

  async #end(thread: ScriptThread): Promise<void> {
    this.#all.delete(thread);
    await thread.end();
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
  }

  #leave(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

function parsed(output: string): EvaluationResult {
  try {
    const value: Json = JSON.parse(output);
    return { ok: true, value };
  } catch {
    // jq writes what JSON lacks, and a script may replace what makes its JSON.
    return { ok: false, reason: 'yields something that is no JSON' };
  }
}
