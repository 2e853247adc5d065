/**
 * Ownership: a worker owns its job flows, the claims in hand and, when it was made from a URL, its connections.
 * Interface: start; then stop, or drain and stop when a service group does it. Each may be called more than once.
 * Invariants:
 *  W1 a job that is in hand is counted until its verdict; stop answers when none is, or at its bound.
 *  W2 at stop, in this order: no new jobs, wait, interrupt, hand back, let go. Nothing is handed back that still runs
 *     without having been told.
 *  W3 stop is bounded by drainTimeoutMs and a few seconds, even if every handler hangs and Redis is away.
 */
import { joineryError } from '@joinery/core';
import { createFleetBeat } from '@joinery/engine';
import {
  createLogger,
  createMetrics,
  type Entropy,
  type Logger,
  type Metrics,
  type Service,
  settlesWithin,
  systemClock,
  systemEntropy,
} from '@joinery/kit';
import type { TaskJob } from '@joinery/queues';
import type { Fleet } from '@joinery/store';
import { hostname } from 'node:os';
import type { ClaimDesk, NextTask } from './claim-desk.ts';
import { createClaimKeeper } from './claim-keeper.ts';
import { inDomain, type Task } from './define-task.ts';
import { type RedisAddress, redisPorts } from './redis-ports.ts';
import { runClaim, runClaimed } from './run-claim.ts';
import { createSlots, type Slots } from './slots.ts';
import { TypePlaces } from './type-places.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import type { JobFlow, JobVerdict, WorkerPorts } from './worker-ports.ts';
import { defaultTimings, type WorkerTimings } from './worker-timings.ts';

/** What a worker is made of: its tasks, and either the address of a Redis or ports over what the process has. */
export type WorkerOptions = WorkerSettings & (RedisAddress | { readonly ports: WorkerPorts });

/** What every worker may be told. */
export interface WorkerSettings {
  readonly tasks: readonly Task[];
  /** Only tasks of runs that have this domain for their type (`taskToDomain`). Default: those without a domain. */
  readonly domain?: string;
  /** How many tasks run at once over all types. Default 50. */
  readonly concurrency?: number;
  /** Unique over processes and restarts. Default: host, process id and chance. */
  readonly workerId?: string;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  readonly timings?: Partial<WorkerTimings>;
  readonly entropy?: Entropy;
}

/** A running worker. */
export interface Worker extends Service {
  start(signal?: AbortSignal): Promise<void>;
  readonly id: string;
  readonly taskTypes: readonly string[];
  /** Jobs in hand. */
  readonly inflightCount: number;
}

const defaultConcurrency = 50;

/** Creates a worker; it does nothing until it is started. Throws JN_REQUEST_INVALID for options that cannot work. */
export function createWorker(options: WorkerOptions): Worker {
  const { domain = '', concurrency = defaultConcurrency, entropy = systemEntropy } = options;
  const tasks = options.tasks.map((task) => inDomain(task, domain));
  const timings = { ...defaultTimings, ...options.timings };
  check({ tasks, concurrency, timings });
  const workerId =
    options.workerId ?? `${hostname()}-${process.pid}-${entropy.randomId().slice(0, 8)}`;
  const processLogger = options.logger ?? createLogger({ level: 'info', name: 'worker' });
  const logger = processLogger.child({ workerId });
  const metrics = options.metrics ?? createMetrics();
  const ports =
    'ports' in options ? options.ports : redisPorts({ ...options, workerId, logger, metrics });
  const { verbs } = ports;
  const keeper = createClaimKeeper({ verbs, logger, timings, elapsedMs });
  const counters = createWorkerMetrics(metrics);
  const places = new TypePlaces(tasks);
  const shared = { verbs, keeper, workerId, entropy, logger, timings, elapsedMs, places };
  const desk = { ...shared, metrics: counters };
  return new TaskTypesWorker({ tasks, concurrency, ports, desk });
}

interface WorkerParts {
  readonly tasks: readonly Task[];
  readonly concurrency: number;
  readonly ports: WorkerPorts;
  readonly desk: ClaimDesk & { readonly places: TypePlaces };
}

class TaskTypesWorker implements Worker {
  readonly name = 'worker';
  readonly id: string;
  readonly taskTypes: readonly string[];
  readonly #tasks: readonly Task[];
  readonly #ports: WorkerPorts;
  readonly #timings: WorkerTimings;
  readonly #desk: WorkerParts['desk'];
  readonly #slots: Slots;
  readonly #inflight = new Set<Promise<unknown>>();
  readonly #presence: Service | undefined;
  #flows: readonly JobFlow[] = [];
  #draining: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ tasks, concurrency, ports, desk }: WorkerParts) {
    this.#tasks = tasks;
    this.#ports = ports;
    this.#desk = desk;
    this.#timings = desk.timings;
    this.id = desk.workerId;
    this.taskTypes = tasks.map((task) => task.type);
    this.#slots = createSlots(concurrency);
    this.#presence = this.#presenceIn(ports.fleet);
  }

  get inflightCount(): number {
    return this.#inflight.size;
  }

  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    try {
      await this.#ports.open?.();
      await this.#presence?.start(signal);
      signal.throwIfAborted();
    } catch (err) {
      // Whoever is told that there is no worker will not stop it.
      await this.stop();
      throw err;
    }
    this.#desk.keeper.start();
    this.#flows = this.#tasks.map((task) => this.#openFlow(task));
    const fields = { event: 'worker.started', taskTypes: this.taskTypes };
    this.#desk.logger.info(fields, 'a worker takes jobs');
  }

  drain(): Promise<void> {
    this.#draining ??= this.#closeFlows();
    return this.#draining;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#letGo();
    return this.#stopping;
  }

  #presenceIn(fleet: Pick<Fleet, 'beat' | 'leave'> | undefined): Service | undefined {
    if (fleet === undefined) return undefined;
    const { id, taskTypes } = this;
    const place = { host: hostname(), pid: process.pid, startedAt: systemClock.now() };
    const member = { id, roles: ['worker'], taskTypes, ...place };
    return createFleetBeat({
      fleet,
      member: () => ({ ...member, inflight: this.#inflight.size }),
      logger: this.#desk.logger,
    });
  }

  #openFlow(task: Task): JobFlow {
    return this.#ports.openJobs({
      taskType: task.type,
      concurrency: task.concurrency,
      handle: (job) => this.#follow((settled) => this.#handle(task, job, settled)),
    });
  }

  /** Counts the work as in hand until it ends, which may be later than the verdict on its job. */
  #follow(work: (settled: (verdict: JobVerdict) => void) => Promise<void>): Promise<JobVerdict> {
    return new Promise((resolve, reject) => {
      const working = work(resolve).catch(reject);
      this.#inflight.add(working);
      void working.finally(() => this.#inflight.delete(working));
    });
  }

  async #handle(task: Task, job: TaskJob, settled: (verdict: JobVerdict) => void): Promise<void> {
    const { slotWaitMs } = this.#desk.timings;
    const { places } = this.#desk;
    if (this.#draining) return settled({ putBackAfterMs: 0 });
    if (!(await places.takeWithin(task, slotWaitMs)))
      return settled({ putBackAfterMs: slotWaitMs });
    if (!(await this.#slots.take(slotWaitMs))) {
      places.leave(task);
      return settled({ putBackAfterMs: slotWaitMs });
    }
    try {
      await this.#runChain(task, job, settled);
    } finally {
      this.#slots.free();
    }
  }

  /** The job ends with its own task; those to which the worker goes on need none. */
  async #runChain(task: Task, job: TaskJob, settled: (verdict: JobVerdict) => void): Promise<void> {
    const { places } = this.#desk;
    let next: NextTask | null = null;
    try {
      const end = await runClaim(this.#desk, task, job);
      ({ next } = end);
      settled(end.verdict);
    } finally {
      places.leave(task);
    }
    while (next !== null) {
      const { task: current }: NextTask = next;
      try {
        ({ next } = await runClaimed(this.#desk, next));
      } finally {
        places.leave(current);
      }
    }
  }

  async #closeFlows(): Promise<void> {
    this.#desk.places.close();
    const { drainTimeoutMs, handBackAfterMs, letGoMs } = this.#timings;
    // A hint to people and to explanations; nothing waits for it.
    void settlesWithin(this.#presence?.drain() ?? Promise.resolve(), letGoMs);
    // Later than everything that ends by itself: what is left then is a handler of which nobody hears any more.
    const deadlineMs = drainTimeoutMs + handBackAfterMs + letGoMs;
    const closings = await Promise.allSettled(this.#flows.map((flow) => flow.close(deadlineMs)));
    // Tasks to which the worker has gone on have no job for which a flow would wait.
    await settlesWithin(Promise.allSettled(this.#inflight), deadlineMs);
    for (const closing of closings) {
      if (closing.status === 'fulfilled') continue;
      const fields = { event: 'job-flow.failed', err: closing.reason as unknown };
      this.#desk.logger.warn(fields, 'a job flow did not close; its jobs come again elsewhere');
    }
  }

  async #letGo(): Promise<void> {
    const { drainTimeoutMs, handBackAfterMs, letGoMs } = this.#timings;
    const { keeper, logger } = this.#desk;
    // A group that drained first has waited long enough.
    if (!this.#draining) await settlesWithin(this.drain(), drainTimeoutMs);
    keeper.interruptAll();
    await settlesWithin(Promise.allSettled(this.#inflight), handBackAfterMs + letGoMs);
    await settlesWithin(this.drain(), letGoMs);
    await keeper.stop(letGoMs);
    await settlesWithin(this.#presence?.stop() ?? Promise.resolve(), letGoMs);
    await settlesWithin(this.#ports.close?.() ?? Promise.resolve(), letGoMs);
    const fields = { event: 'worker.stopped', count: this.inflightCount };
    logger.info(fields, 'a worker stopped; count is of jobs left to their leases');
  }
}

/** Time that never goes back. */
function elapsedMs(): number {
  return performance.now();
}

function check({ tasks, concurrency, timings }: Checked): void {
  const types = tasks.map((task) => task.type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  const problem =
    (types.length === 0 && 'it has no tasks') ||
    (twice !== undefined && `task type ${twice} is defined twice`) ||
    (!(concurrency >= 1) && `concurrency ${concurrency} is less than 1`) ||
    (timings.claimLeaseMs < 2 * timings.beatEveryMs &&
      `claimLeaseMs ${timings.claimLeaseMs} is less than two beats of ${timings.beatEveryMs}`);
  if (problem) throw joineryError('JN_REQUEST_INVALID', { what: 'worker', problem });
}

interface Checked extends Pick<WorkerParts, 'tasks' | 'concurrency'> {
  readonly timings: WorkerTimings;
}
