/*
 * A constant number of runs under way: as soon as one has ended, the next is started.
 * Ownership: its lanes; the client and the store are the caller's.
 * Interface: openLoad, close, counts.
 * Invariants: a start is repeated under its idempotency key until it is acknowledged; every call is in the log.
 */
import { type RunId } from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClientCall } from '../history/judge-clients.ts';
import { type Workload } from '../workloads/workload.ts';
import { type SeededRun } from './judge-system.ts';
import { type LocalSystem } from './local-system.ts';

/** What is to be kept under way. */
export interface RunLoadOptions {
  readonly client: LocalSystem;
  readonly workload: Workload;
  /** Runs at a time. */
  readonly inFlight: number;
  /** At least so many are started, then as many as it takes until `close`. */
  readonly atLeast: number;
  /** Starts carry no idempotency key: a call without an answer may then start two runs. Default false. */
  readonly isKeyless?: boolean;
}

/** Runs that come one after the other. */
export interface RunLoad extends AsyncDisposable {
  /** Acknowledged, in the order of their acknowledgement. */
  readonly runs: readonly SeededRun[];
  readonly calls: readonly ClientCall[];
  /** Starts that were asked for. */
  attemptedCount(): number;
  endedCount(): number;
  /** Acknowledged, and not known to have ended. */
  underWay(): readonly SeededRun[];
  /** The run is nobody's any more: it is not waited for, and not among `runs`. */
  forget(runId: RunId): void;
  /** No more starts than `atLeast` asks for, or none at all when the time is over; resolves when all runs have ended, or after `withinMs` with false. */
  close(withinMs: number, isTimeOver?: boolean): Promise<boolean>;
}

/** How often a lane asks whether its run has ended, ms: a small part of what a run takes. */
const LOOK_EVERY_MS = 40;
/** Between two tries of a start, ms. */
const RETRY_AFTER_MS = 50;

/** Registers the workload and begins. */
export async function openLoad(options: RunLoadOptions): Promise<RunLoad> {
  await registerDefinition(options.client.client.engine, options.workload.definition);
  return new LaneLoad(options);
}

class LaneLoad implements RunLoad {
  readonly calls: ClientCall[] = [];
  readonly #runs: SeededRun[] = [];
  readonly #forgotten = new Set<RunId>();
  readonly #options: RunLoadOptions;
  readonly #lanes: readonly Promise<void>[];
  readonly #underWay = new Set<SeededRun>();
  #attempted = 0;
  #ended = 0;
  #isClosing = false;
  #isTimeOver = false;
  #isGivenUp = false;

  constructor(options: RunLoadOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.inFlight }, () => this.#lane());
  }

  get runs(): readonly SeededRun[] {
    return this.#runs.filter(({ runId }) => !this.#forgotten.has(runId));
  }

  attemptedCount(): number {
    return this.#attempted - this.#forgotten.size;
  }

  forget(runId: RunId): void {
    this.#forgotten.add(runId);
    for (const call of this.calls.splice(0)) if (call.runId !== runId) this.calls.push(call);
  }

  endedCount(): number {
    return this.#ended;
  }

  underWay(): readonly SeededRun[] {
    return [...this.#underWay];
  }

  async close(withinMs: number, isTimeOver = false): Promise<boolean> {
    this.#isClosing = true;
    this.#isTimeOver ||= isTimeOver;
    const late = new AbortController();
    const timeout = delay(withinMs, false, { signal: late.signal }).catch(() => false);
    const isDone = await Promise.race([Promise.all(this.#lanes).then(() => true), timeout]);
    late.abort();
    this.#isGivenUp = true;
    await Promise.all(this.#lanes);
    return isDone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0);
  }

  async #lane(): Promise<void> {
    while (!this.#isGivenUp && !this.#hasEnough()) {
      const seed = this.#attempted;
      this.#attempted += 1;
      const runId = await this.#start(seed);
      if (runId === null) return;
      const run = { runId, seed };
      this.#runs.push(run);
      this.#underWay.add(run);
      if (await this.#untilEnded(runId)) this.#ended += 1;
      this.#underWay.delete(run);
    }
  }

  #hasEnough(): boolean {
    const { atLeast } = this.#options;
    return this.#isClosing && (this.#isTimeOver || this.#attempted >= atLeast);
  }

  async #start(seed: number): Promise<RunId | null> {
    const { client, workload, isKeyless = false } = this.#options;
    const idempotencyKey = `chaos-${seed}`;
    const request = {
      name: workload.name,
      input: workload.input(seed),
      ...(!isKeyless && { idempotencyKey }),
    };
    while (!this.#isGivenUp) {
      try {
        const { runId } = await startRun(client.client.engine, request);
        this.calls.push({ idempotencyKey, runId, outcome: 'ok' });
        return runId;
      } catch {
        this.calls.push({ idempotencyKey, runId: null, outcome: 'info' });
        await delay(RETRY_AFTER_MS);
      }
    }
    return null;
  }

  /** False: it was given up, or the run is gone. */
  async #untilEnded(runId: RunId): Promise<boolean> {
    const { store } = this.#options.client.client;
    while (!this.#isGivenUp && !this.#forgotten.has(runId)) {
      // Redis may be away; the next look tells.
      const run = await store.find(runId).catch(() => undefined);
      if (run === null) return false;
      if (run && run.endedAt > 0) return true;
      await delay(LOOK_EVERY_MS);
    }
    return false;
  }
}
