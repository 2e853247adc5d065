import { type Service } from '@joinery/kit';
import { type Engine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { createScheduler } from '@joinery/scheduler';
import { type RunStore } from '@joinery/store';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, defineTask, portsOfEngine } from '@joinery/worker';
import { announcingEngine, openBenchEngine } from './bench-engine.ts';
import { type BenchService, type Site } from './subject.ts';
import { WORKER_CONCURRENCY, workloadOf } from './workload.ts';

/** What a Joinery process may do. */
export const ROLES = ['worker', 'coordinator', 'scheduler', 'sweeper'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** Which roles, and what stands between them and the store. */
export interface JoineryServiceOptions {
  readonly roles: readonly Role[];
  /** Counting tests look at every call. */
  readonly wrapStore?: (store: RunStore) => RunStore;
}

/** A Joinery process with these roles. */
export async function openJoineryService(
  site: Site,
  { roles, wrapStore = (store) => store }: JoineryServiceOptions,
): Promise<BenchService> {
  const opened = await openBenchEngine(site.url, roles.join('+'));
  const announcing = announcingEngine(opened);
  const engine: Engine = { ...announcing, store: wrapStore(announcing.store) };
  const services = roles.map((role) => serviceOf(role, engine, { site, connect: opened.connect }));
  for (const service of services) await service.start(new AbortController().signal);
  return {
    async close() {
      for (const service of services.toReversed()) {
        await service.drain?.();
        await service.stop();
      }
      await opened.close();
    },
  };
}

interface Surroundings {
  readonly site: Site;
  readonly connect: Parameters<typeof portsOfEngine>[0]['connect'];
}

function serviceOf(role: Role, engine: Engine, { site, connect }: Surroundings): Service {
  switch (role) {
    case 'worker':
      return workerOf(engine, { site, connect });
    case 'coordinator':
      return createJoinCoordinator(engine);
    case 'scheduler':
      return createScheduler(engine);
    case 'sweeper':
      return createSweeper(engine);
  }
}

function workerOf(engine: Engine, { site, connect }: Surroundings): Service {
  const { types } = workloadOf(site.workload);
  return createWorker({
    tasks: types.map((type) =>
      defineTask({
        type,
        concurrency: WORKER_CONCURRENCY,
        run: ({ payload }) => ({ payload }),
      }),
    ),
    concurrency: WORKER_CONCURRENCY * types.length,
    ports: portsOfEngine({ engine, connect }),
    logger: engine.logger,
  });
}
