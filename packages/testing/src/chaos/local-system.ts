/*
 * A whole Joinery in this process: an engine with connections of its own for each role, as if they were processes.
 * Ownership: the system owns its engines and services; Redis is the test's.
 * Interface: openLocalSystem, start runs, stop (disposal does it too).
 */
import { type JsonObject, type RunId } from '@joinery/core';
import {
  completeTask,
  createEngine,
  type Engine,
  type EnginePorts,
  type OpenEngine,
  openEngine,
  registerDefinition,
  startRun,
  type TaskResult,
} from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import {
  createRecordingLogger,
  parseConfig,
  type RecordingLogger,
  type Service,
} from '@joinery/kit';
import { createScheduler } from '@joinery/scheduler';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, portsOfEngine, type Task, type WorkerTimings } from '@joinery/worker';
import { type Workload } from '../workloads/workload.ts';
import { createLocalQueue, type LocalQueue } from './local-queue.ts';
import { type Role } from './role-messages.ts';
import { newObservations, type Observations, observeStore } from './observe-store.ts';
import { lockEnv, lockPorts } from './test-lock.ts';

/** What runs in a local system. */
export interface LocalSystemOptions {
  readonly url: string;
  readonly tasks: readonly Task[];
  /** Configuration besides `REDIS_URL`, by its variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 1. */
  readonly workers?: number;
  /** Default 2. */
  readonly coordinators?: number;
  /** Default 1; 0 shows what the fast path alone can do. */
  readonly sweepers?: number;
  readonly schedulers?: number;
  /** Makes what decides. Default: the join coordinator. */
  readonly coordinator?: (engine: Engine) => Service;
  /** Replaces single ports of the engines, given what they are now. */
  readonly ports?: (engine: Engine, role: Role) => Partial<EnginePorts>;
  readonly timings?: Partial<WorkerTimings>;
  /** Default: BullMQ. `memory` costs far less where a test is not about jobs. */
  readonly queue?: 'bullmq' | 'memory';
  /** False: results go alone, and every decision is a coordinator's. Default: true. */
  readonly isCarrying?: boolean;
}

/** A running system. */
export interface LocalSystem extends AsyncDisposable {
  /** For looking and starting: it belongs to no role. */
  readonly client: OpenEngine;
  readonly logger: RecordingLogger;
  /** What all of its engines did. */
  readonly seen: Observations;
  /** Registers the workload and starts a run for each seed. */
  start(workload: Workload, seeds: readonly number[]): Promise<readonly RunId[]>;
  /** Adds one more of a role while the others run. */
  add(role: Role): Promise<Service>;
}

/** Runs are started this many at a time. */
const STARTS_AT_ONCE = 20;

let systemCount = 0;

/** Opens engines and starts the services on them. */
export async function openLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const localQueue = options.queue === 'memory' ? createLocalQueue() : undefined;
  const seen = newObservations();
  const shared: Shared = { ...options, seen, ...(localQueue && { localQueue }) };
  const system = new InProcessSystem(shared, await openOne(shared, 'client'));
  const counts: readonly (readonly [Role, number])[] = [
    ['scheduler', options.schedulers ?? 1],
    ['coordinator', options.coordinators ?? 2],
    ['sweeper', options.sweepers ?? 1],
    ['worker', options.workers ?? 1],
  ];
  for (const [role, count] of counts) {
    for (let index = 0; index < count; index += 1) await system.add(role);
  }
  return system;
}

interface Shared extends LocalSystemOptions {
  readonly localQueue?: LocalQueue;
  readonly seen: Observations;
}

interface Opened {
  readonly opened: OpenEngine;
  readonly logger: RecordingLogger;
}

async function openOne(options: Shared, role: Role | 'client'): Promise<Opened> {
  systemCount += 1;
  const logger = createRecordingLogger();
  const config = parseConfig({ ...lockEnv(), ...options.env, REDIS_URL: options.url });
  const { localQueue, seen } = options;
  const ports = { ...lockPorts(), ...(localQueue && { queue: localQueue.queue }) };
  const processId = `${role}-${systemCount}`;
  const opened = await openEngine({ config, logger, processId, ports });
  const observed = { ...opened.engine, store: observeStore(opened.engine.store, seen) };
  const engine = createEngine({
    ...observed,
    ...(role !== 'client' && options.ports?.(createEngine(observed), role)),
  });
  return { logger, opened: { ...opened, engine } };
}

class InProcessSystem implements LocalSystem {
  readonly client: OpenEngine;
  readonly logger: RecordingLogger;
  readonly seen: Observations;
  readonly #options: Shared;
  readonly #members: { readonly service: Service; readonly opened: OpenEngine }[] = [];

  constructor(options: Shared, client: Opened) {
    this.#options = options;
    this.seen = options.seen;
    this.client = client.opened;
    this.logger = client.logger;
  }

  async start(workload: Workload, seeds: readonly number[]): Promise<readonly RunId[]> {
    const { engine } = this.client;
    await registerDefinition(engine, workload.definition);
    const runIds: RunId[] = [];
    for (let from = 0; from < seeds.length; from += STARTS_AT_ONCE) {
      const some = seeds.slice(from, from + STARTS_AT_ONCE);
      const started = await Promise.all(
        some.map((seed) => startRun(engine, startOf(workload, workload.input(seed)))),
      );
      runIds.push(...started.map(({ runId }) => runId));
    }
    return runIds;
  }

  async add(role: Role): Promise<Service> {
    const { opened } = await openOne(this.#options, role);
    const service = serviceOf(this.#options, role, opened);
    this.#members.push({ service, opened });
    await service.start(new AbortController().signal);
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const members = this.#members.splice(0);
    await Promise.all(members.map(({ service }) => service.drain()));
    await Promise.all(members.map(({ service }) => service.stop()));
    const opened = [...members.map((member) => member.opened), this.client];
    await Promise.all(opened.map(closeBoth));
  }
}

/** The engine that was opened is not the one that was used: both have marks to flush. */
async function closeBoth(opened: OpenEngine): Promise<void> {
  await opened.engine.close();
  await opened.close();
}

function startOf(workload: Workload, input: JsonObject): Parameters<typeof startRun>[1] {
  return { name: workload.name, input };
}

function serviceOf(options: Shared, role: Role, opened: OpenEngine): Service {
  const { engine, connect } = opened;
  switch (role) {
    case 'scheduler':
      return createScheduler(engine);
    case 'coordinator':
      return options.coordinator?.(engine) ?? createJoinCoordinator(engine);
    case 'sweeper':
      return createSweeper(engine);
    case 'worker': {
      const ports = portsOfEngine({ engine, connect });
      const storeAlone = { complete: (result: TaskResult) => completeTask(engine, result) };
      return createWorker({
        tasks: options.tasks,
        ports: {
          ...ports,
          ...(options.isCarrying === false && { verbs: { ...ports.verbs, ...storeAlone } }),
          ...(options.localQueue && { openJobs: options.localQueue.openJobs }),
        },
        logger: engine.logger,
        timings: { drainTimeoutMs: 1_000, ...options.timings },
      });
    }
  }
}
