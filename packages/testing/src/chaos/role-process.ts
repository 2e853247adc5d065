/*
 * The program of a role process: opens an engine, waits to be told what it is, and does that until it is killed.
 * It holds still where it is told to, so that whoever kills it knows in the middle of what.
 */
import { createEngine, type Engine, type OpenEngine, openEngine, startRun } from '@joinery/engine';
import {
  createLogger,
  createServiceGroup,
  readConfig,
  runProcess,
  type Service,
} from '@joinery/kit';
import { type RunStore } from '@joinery/store';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import {
  type CommitLine,
  type HoldPoint,
  orderSchema,
  type Report,
  type Role,
  roleSettingsSchema,
} from './role-messages.ts';
import { skewClock } from './skew-clock.ts';
import { createRoleServices } from './role-service.ts';
import { lockPorts } from './test-lock.ts';

/** One place at a time, once. */
class Hold {
  #point: HoldPoint | null = null;
  #release: () => void = () => undefined;

  set(point: HoldPoint): void {
    this.#point = point;
  }

  release(): void {
    this.#release();
  }

  async at(point: HoldPoint): Promise<void> {
    if (this.#point !== point) return;
    this.#point = null;
    await new Promise<void>((resolve) => {
      this.#release = resolve;
      say({ type: 'held' });
    });
  }
}

function say(report: Report): void {
  process.send?.(report);
}

/** The store with its commits noted: what survives of a killed process is what it has written here. */
function noteCommits(store: RunStore, file: string): RunStore {
  return {
    ...store,
    commit: async (args) => {
      const reply = await store.commit(args);
      const { runId, fence } = args;
      const version = reply.type === 'committed' ? reply.version : 0;
      const line: CommitLine = { runId, version, fence, pid: process.pid, reply: reply.type };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
      return reply;
    },
  };
}

/** Counts the calls by which each role lives: a process in which none succeeds is deaf, whatever it believes. */
function countOks({ store, nudges }: Pick<Engine, 'store' | 'nudges'>): {
  readonly ports: Pick<Engine, 'store' | 'nudges'>;
  readonly okCount: (role: Role) => number;
} {
  const counts: Record<Role, number> = { worker: 0, coordinator: 0, scheduler: 0, sweeper: 0 };
  const count = async <T>(role: Role, call: Promise<T>): Promise<T> => {
    const reply = await call;
    counts[role] += 1;
    return reply;
  };
  return {
    ports: {
      store: {
        ...store,
        claim: (args) => count('worker', store.claim(args)),
        unsent: (...args) => count('scheduler', store.unsent(...args)),
        take: (...args) => count('sweeper', store.take(...args)),
      },
      nudges: {
        push: (runIds) => nudges.push(runIds),
        pop: (...args) => count('coordinator', nudges.pop(...args)),
        close: () => nudges.close(),
      },
    },
    okCount: (role) => counts[role],
  };
}

const settings = roleSettingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const config = readConfig();
const hold = new Hold();

/** What a process is before it has a role. */
interface Readied {
  readonly opened: OpenEngine;
  readonly engine: Engine;
  readonly okCount: (role: Role) => number;
}

async function ready(): Promise<Readied> {
  // Process ids come again; this name must not.
  const processId = `${process.pid}-${randomUUID().slice(0, 8)}`;
  const opened = await openEngine({
    config,
    logger: createLogger({ level: 'silent', name: processId }),
    processId,
    ports: { ...lockPorts(settings.lock), crashPoint: (point) => hold.at(point) },
  });
  const counted = countOks(opened.engine);
  const engine = createEngine({
    ...opened.engine,
    ...counted.ports,
    store: noteCommits(counted.ports.store, settings.commits),
  });
  return { opened, engine, okCount: counted.okCount };
}

/** As the server does for a client. */
async function start(engine: Engine, request: Parameters<typeof startRun>[1]): Promise<void> {
  const { runId, isNew } = await startRun(engine, request);
  say({ type: 'started', runId, isNew });
}

/** Until SIGTERM, and then no longer than a process of the product does. */
async function serve({ opened, engine }: Readied, services: readonly Service[]): Promise<void> {
  const group = createServiceGroup({
    services: [...services, announcement],
    logger: engine.logger,
    drainTimeoutMs: config.shutdown.drainTimeoutMs,
  });
  const code = await runProcess({ group, logger: engine.logger });
  await opened.close().catch(() => undefined);
  process.exit(code);
}

/** Comes last: everything before it runs. */
const announcement: Service = {
  name: 'announcement',
  start: async () => say({ type: 'running' }),
  drain: async () => undefined,
  stop: async () => undefined,
};

function obey(readied: Readied): void {
  const { opened, engine, okCount } = readied;
  let role: Role | null = null;
  process.on('message', (message) => {
    const order = orderSchema.parse(message);
    if (order.type === 'hold') hold.set(order.point);
    else if (order.type === 'release') hold.release();
    else if (order.type === 'start') void start(engine, order.request);
    else if (order.type === 'skew') skewClock(order.ms);
    else if (order.type === 'collect') {
      globalThis.gc?.();
      say({ type: 'collected', heapBytes: process.memoryUsage().heapUsed });
    } else if (order.type === 'ask') {
      say({ type: 'activity', okCount: role === null ? 0 : okCount(role) });
    } else {
      role = order.role;
      const { agenda, connect } = opened;
      const onBegin = (): Promise<void> => hold.at('in-handler');
      const parts = { engine, agenda, connect, onBegin, settings, config };
      void serve(readied, createRoleServices(role, parts));
    }
  });
  // Whoever started us is gone: nobody would ever end us.
  process.on('disconnect', () => process.exit(0));
  say({ type: 'ready' });
}

void ready().then(obey);
