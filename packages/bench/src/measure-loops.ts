/*
 * What an iteration of a loop costs, early and late in its run: one worker goes from iteration to iteration, the store is
 * on Redis, queues and nudges are in memory. Early iterations are those of many fresh runs, after a run that nobody
 * measures: compiling must not look like the cost of being early.
 */
import { type JsonObject } from '@joinery/core';
import {
  claimTask,
  type ClaimedTask,
  completeTask,
  createEngine,
  decideRun,
  type Engine,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import { createLogger, systemClock, systemEntropy } from '@joinery/kit';
import { createMemoryDefinitionStore, createMemoryNudges, createRedisStore } from '@joinery/store';
import { Redis } from 'ioredis';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { quantile } from './quantile.ts';
import { readUsage, type RedisUsage, usagePer } from './redis-usage.ts';
import { PAYLOAD } from './workload.ts';

/** What one iteration costs around a place in a loop. */
export interface IterationCost extends RedisUsage {
  /** The last iteration that was measured. */
  readonly iteration: number;
  readonly medianMs: number;
}

/** An iteration near the tenth beside one near the last. */
export interface LoopCosts {
  readonly early: IterationCost;
  readonly late: IterationCost;
}

const EARLY = { runs: 50, from: 5, to: 15 } as const;
/** The last so many iterations of the long run. */
const LATE_SAMPLES = 500;
const WARM_UP = 1_000;

/** The payload goes round: each iteration reads what the one before has left. */
const LOOP: JsonObject = {
  name: 'loop',
  variables: { payload: PAYLOAD },
  tasks: [
    {
      name: 'again',
      taskReferenceName: 'again',
      type: 'DO_WHILE',
      loopCondition: "$.again['iteration'] < $.limit",
      inputParameters: { limit: '${workflow.input.limit}' },
      loopOver: [
        {
          name: 'step',
          taskReferenceName: 'step',
          type: 'SIMPLE',
          inputParameters: {
            payload: '${workflow.variables.payload}',
            iteration: '${again.output.iteration}',
          },
        },
      ],
    },
  ],
  outputParameters: { iterations: '${again.output.iteration}' },
};

/** Measures a loop of `iterationCount` iterations, and checks that it ends with all of them. */
export async function measureLoops(url: string, iterationCount: number): Promise<LoopCosts> {
  const redis = new Redis(url);
  const mailbox = createMailbox();
  const engine = createEngine({
    store: createRedisStore(redis),
    queue: mailbox.queue,
    definitions: createMemoryDefinitionStore(),
    nudges: createMemoryNudges(),
    locks: 'fused',
    clock: systemClock,
    entropy: systemEntropy,
    logger: createLogger({ level: 'error', name: 'bench' }),
    processId: 'bench',
  });
  try {
    await registerDefinition(engine, LOOP);
    const begin = (): Promise<LoopWalk> => LoopWalk.begin(engine, mailbox, iterationCount);
    await (await begin()).advance(Math.min(WARM_UP, iterationCount));
    const walks: LoopWalk[] = [];
    for (let run = 0; run < EARLY.runs; run += 1) walks.push(await begin());
    for (const walk of walks) await walk.advance(EARLY.from);
    const early = await costOf(redis, walks, EARLY.to - EARLY.from);
    const long = await begin();
    const samples = Math.min(LATE_SAMPLES, iterationCount - 1);
    await long.advance(iterationCount - 1 - samples);
    const late = await costOf(redis, [long], samples);
    await long.end();
    return { early, late };
  } finally {
    await engine.close();
    redis.disconnect();
  }
}

async function costOf(
  redis: Redis,
  walks: readonly LoopWalk[],
  count: number,
): Promise<IterationCost> {
  const before = await readUsage(redis);
  const samples: number[] = [];
  for (const walk of walks) samples.push(...(await walk.advance(count)));
  const usage = usagePer(samples.length, before, await readUsage(redis));
  return { iteration: walks[0]?.doneCount ?? 0, medianMs: quantile(samples, 0.5), ...usage };
}

/** A worker that goes through the iterations of one run. */
class LoopWalk {
  doneCount = 0;
  readonly #engine: Engine;
  readonly #mailbox: Mailbox;
  readonly #runId: ClaimedTask['run']['id'];
  readonly #limit: number;
  #held: ClaimedTask | undefined;

  private constructor(
    engine: Engine,
    mailbox: Mailbox,
    run: { readonly runId: ClaimedTask['run']['id']; readonly limit: number },
  ) {
    this.#engine = engine;
    this.#mailbox = mailbox;
    this.#runId = run.runId;
    this.#limit = run.limit;
  }

  static async begin(engine: Engine, mailbox: Mailbox, limit: number): Promise<LoopWalk> {
    const { runId } = await startRun(engine, { name: 'loop', input: { limit } });
    return new LoopWalk(engine, mailbox, { runId, limit });
  }

  /** Does so many iterations; answers how long each took, ms. */
  async advance(count: number): Promise<readonly number[]> {
    const samples: number[] = [];
    for (let left = count; left > 0; left -= 1) {
      const beganAt = performance.now();
      await this.#iterate();
      samples.push(performance.now() - beganAt);
    }
    return samples;
  }

  /** Does the last iteration; throws when the run has not ended well after it. */
  async end(): Promise<void> {
    await this.#iterate();
    const run = await this.#engine.store.find(this.#runId);
    const output = await this.#engine.store.payload(this.#runId, 'run:output');
    const expected = JSON.stringify({ iterations: this.#limit });
    if (run?.status !== 'COMPLETED' || JSON.stringify(output) !== expected) {
      throw new Error(`the loop is ${run?.status} after ${this.doneCount}, not ${expected}`);
    }
  }

  async #iterate(): Promise<void> {
    const claimed = this.#held ?? (await this.#claim());
    const { run, row, token } = claimed;
    const reply = await completeTask(
      this.#engine,
      {
        runId: run.id,
        key: row.key,
        attempt: row.attempt,
        token,
        status: 'COMPLETED',
        output: { payload: PAYLOAD },
        reason: '',
      },
      {
        claimed,
        goOn: {
          takes: () => true,
          worker: 'bench',
          leaseMs: 600_000,
          token: tokenOf(this.#engine),
        },
      },
    );
    if ('isDirty' in reply && reply.isDirty) await decideRun(this.#engine, run.id);
    this.#held = reply.next;
    this.doneCount += 1;
  }

  async #claim(): Promise<ClaimedTask> {
    const job = this.#mailbox.take(this.#runId);
    if (job === undefined) throw new Error(`no task after ${this.doneCount} iterations`);
    const claim = await claimTask(this.#engine, { job, worker: 'bench', leaseMs: 600_000 });
    if (claim.type !== 'claimed') throw new Error(`${job.taskId}: ${claim.type}`);
    return claim;
  }
}

function tokenOf(engine: Engine): string {
  return engine.entropy.randomId();
}
