import { type Service } from '@joinery/kit';
import { type Engine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { createScheduler } from '@joinery/scheduler';
import { type RunStore } from '@joinery/store';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, defineTask, portsOfEngine } from '@joinery/worker';
import { announcingEngine, openBenchEngine } from './bench-engine.ts';
import { openAnnouncer } from './completion-channel.ts';
import { WITHOUT_CONTINUATION } from './continuation.ts';
import { type BenchService, type Site } from './subject.ts';
import { workloadOf } from './workload.ts';

/** What a Joinery process may do. */
export const ROLES = ['worker', 'coordinator', 'scheduler', 'sweeper'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** Which roles, and what stands between them and the store. */
export interface JoineryServiceOptions {
  readonly roles: readonly Role[];
  /** Tasks of one type at once. */
  readonly concurrency: number;
  /** Default true. */
  readonly isContinuing?: boolean;
  /** Counting tests look at every call. */
  readonly wrapStore?: (store: RunStore) => RunStore;
}

/** A Joinery process with these roles. */
export async function openJoineryService(
  site: Site,
  options: JoineryServiceOptions,
): Promise<BenchService> {
  const { roles, wrapStore = (store) => store } = options;
  const opened = await openBenchEngine(site.url, roles.join('+'));
  const announcer = openAnnouncer(site.endsUrl);
  const announcing = announcingEngine(opened, announcer);
  const engine: Engine = { ...announcing, store: wrapStore(announcing.store) };
  const { connect, queuePrefix } = opened;
  const surroundings = { site, connect, queuePrefix, options };
  const services = roles.map((role) => serviceOf(role, engine, surroundings));
  for (const service of services) await service.start(new AbortController().signal);
  return {
    facts: () => opened.facts(),
    async close() {
      for (const service of services.toReversed()) {
        await service.drain?.();
        await service.stop();
      }
      await opened.close();
      announcer.close();
    },
  };
}

interface Surroundings {
  readonly site: Site;
  readonly connect: Parameters<typeof portsOfEngine>[0]['connect'];
  readonly queuePrefix: string;
  readonly options: JoineryServiceOptions;
}

function serviceOf(role: Role, engine: Engine, surroundings: Surroundings): Service {
  switch (role) {
    case 'worker':
      return workerOf(engine, surroundings);
    case 'coordinator':
      return createJoinCoordinator(engine);
    case 'scheduler':
      return createScheduler(engine);
    case 'sweeper':
      return createSweeper(engine);
  }
}

function workerOf(engine: Engine, { site, connect, queuePrefix, options }: Surroundings): Service {
  const { types } = workloadOf(site.workload, site.branches);
  const { concurrency, isContinuing = true } = options;
  return createWorker({
    tasks: types.map((type) =>
      defineTask({ type, concurrency, run: ({ payload }) => ({ payload }) }),
    ),
    concurrency: concurrency * types.length,
    ports: portsOfEngine({ engine, connect, queuePrefix }),
    logger: engine.logger,
    ...(!isContinuing && WITHOUT_CONTINUATION),
  });
}
