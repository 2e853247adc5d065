import { createFleetBeat } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { type Service, systemClock } from '@joinery/kit';
import { startStartWorker } from '@joinery/queues';
import {
  createCircuitKeeper,
  createReplayRunner,
  createScheduler,
  createScheduleRunner,
} from '@joinery/scheduler';
import { createServer, type Server } from '@joinery/server';
import { type LiveMember } from '@joinery/store';
import { createIndexer, createSweeper } from '@joinery/sweeper';
import { createWorker, portsOfEngine, type Task, type Worker } from '@joinery/worker';
import { hostname } from 'node:os';
import { withBuiltIns } from './built-in-tasks.ts';
import { type Session } from './session.ts';

/** What a process may be. Any number of processes may be the same. */
export const ROLES = ['scheduler', 'worker', 'coordinator', 'sweeper', 'server'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** Without any one of these a run may stand still. */
const ENGINE_ROLES: readonly Role[] = ['scheduler', 'coordinator', 'sweeper'];

/** The roles that runs need and no live process has. One that is starting or leaving cannot be counted on. */
export function engineRolesLacking(
  members: readonly Pick<LiveMember, 'roles' | 'phase'>[],
): readonly Role[] {
  const ready = members.filter((member) => member.phase === 'ready');
  const live = new Set(ready.flatMap((member) => member.roles));
  return ENGINE_ROLES.filter((role) => !live.has(role));
}

/** Which roles a process takes on. */
export interface RoleOptions {
  readonly roles: readonly Role[];
  /** What the worker runs besides what every worker does (HTTP). */
  readonly tasks?: readonly Task[];
  /** The server may listen beyond loopback. */
  readonly isExposed?: boolean;
  /** Begins to drain the process, for `POST /drain`. */
  readonly drain?: () => void;
  /** Ends the process because Redis does not hear it any more. */
  readonly fence?: () => void;
}

/** The services of some roles, in the order in which they start, and what their process says of itself. */
export interface RoleServices {
  readonly services: readonly Service[];
  /** Present when `server` is among the roles. */
  readonly server?: Server;
}

/** Start requests in hand at once: a start is one script and some enqueues. */
const STARTS_AT_ONCE = 16;

/** Makes the services of the roles over one engine. The first shows the process to the fleet and leaves it last. */
export function createRoleServices(session: Session, options: RoleOptions): RoleServices {
  const { roles, tasks = [] } = options;
  const has = (role: Role): boolean => roles.includes(role);
  const worker = has('worker')
    ? createRoleWorker(session, withBuiltIns(tasks, session.config))
    : undefined;
  const server = has('server') ? createRoleServer(session, options) : undefined;
  const services = [
    createPresence(session, options, worker),
    ...(has('sweeper') ? [createRoleSweeper(session), createRoleIndexer(session)] : []),
    ...(has('coordinator') ? [createRoleCoordinator(session)] : []),
    ...(has('scheduler') ? createRoleSchedulers(session) : []),
    ...(worker ? [worker] : []),
    ...(server ? [server] : []),
  ];
  return { services, ...(server ? { server } : {}) };
}

/** A worker over the session's engine; the process shows itself to the fleet in its own way. */
export function createRoleWorker(session: Session, tasks: readonly Task[]): Worker {
  const { open, config, logger, metrics, processId } = session;
  const { engine, connect } = open;
  const { prefix: queuePrefix, lockDurationMs, stalledIntervalMs } = config.queue;
  const queue = { queuePrefix, lockDurationMs, stalledIntervalMs };
  const { claimLeaseMs, beatEveryMs, concurrency, domain } = config.worker;
  const { drainTimeoutMs } = config.shutdown;
  return createWorker({
    tasks,
    concurrency,
    domain,
    workerId: processId,
    logger,
    metrics,
    timings: { claimLeaseMs, beatEveryMs, drainTimeoutMs },
    ports: portsOfEngine({ engine, connect, ...queue }),
  });
}

function createPresence(
  { open, config, logger, metrics, processId }: Session,
  { roles, fence }: RoleOptions,
  worker: Worker | undefined,
): Service {
  const place = { host: hostname(), pid: process.pid, startedAt: systemClock.now() };
  const taskTypes = worker?.taskTypes ?? [];
  return createFleetBeat({
    fleet: open.fleet,
    member: () => ({
      id: processId,
      roles,
      ...place,
      taskTypes,
      inflight: worker?.inflightCount ?? 0,
    }),
    logger,
    metrics,
    modeAfter: config.shutdown.onLastEngineExit === 'quiesce' ? 'QUIESCED' : 'LEFT',
    selfFenceMs: config.shutdown.selfFenceMs,
    ...(fence ? { onFenced: fence } : {}),
  });
}

function createRoleSweeper({ open, config }: Session): Service {
  const { intervalMs, batch } = config.sweeper;
  return createSweeper(open.engine, { intervalMs, batch });
}

function createRoleIndexer({ open }: Session): Service {
  const { deadLetters } = open;
  return createIndexer(open.engine, open.index, { deadLetters });
}

function createRoleCoordinator({ open, config }: Session): Service {
  return createJoinCoordinator(open.engine, { concurrency: config.coordinator.concurrency });
}

function createRoleSchedulers(session: Session): readonly Service[] {
  const { open } = session;
  return [
    createRoleScheduler(session),
    createScheduleRunner(open),
    createReplayRunner(open),
    createCircuitKeeper(open),
  ];
}

function createRoleScheduler({ open, config, logger: log }: Session): Service {
  const { connect, redis: connection } = open;
  const shared = { connect, connection, log, prefix: config.queue.prefix };
  return createScheduler(open.engine, {
    serveStarts: (handlers) =>
      startStartWorker({ ...handlers, ...shared, concurrency: STARTS_AT_ONCE }),
  });
}

function createRoleServer(
  { open, config, logger, metrics }: Session,
  { isExposed = false, drain }: RoleOptions,
): Server {
  const { host, port } = config.http;
  const { keys, secret, requestsPerSecond } = config.auth;
  const tokenSecret = secret === undefined ? {} : { tokenSecret: new TextEncoder().encode(secret) };
  const queuePrefix = config.queue.prefix;
  const access = { isExposed, keys, requestsPerSecond, ...tokenSecret };
  const draining = drain ? { drain } : {};
  return createServer({
    ...open,
    metrics,
    logger,
    ...access,
    ...draining,
    host,
    port,
    queuePrefix,
  });
}
