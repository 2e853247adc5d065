import { composeWorkload } from '../../workloads/compose-workload.ts';
import { untilEnded } from '../conclude.ts';
import { createFaultLog } from '../fault-log.ts';
import { judgeStage, type PlayedRun } from '../judge-stage.ts';
import { openLedger } from '../../ledger.ts';
import { openLocalSystem } from '../local-system.ts';
import { readHistories } from '../read-histories.ts';
import { type Scenario } from '../scenario.ts';
import { stepTask } from '../step-task.ts';
import { timeLimit } from '../time-limit.ts';
import { startRedis } from '../../redis-server.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COORDINATORS = 100;
/** Branches of the hot run, and steps of each: every step that ends needs a decision. */
const BRANCHES = 40;
const STEPS = 4;
/** Coordinators that must have decided a run, or it was not hot. */
const HANDS = 3;

const workload = hotRun();

/** K4: everybody wants the same run. */
export const hotRunForAll: Scenario = {
  id: 'K4',
  title: `${COORDINATORS} coordinators decide one run`,
  hypothesis: 'No wake-up is lost between them, and the run does not stand still.',
  method: `Runs with ${BRANCHES} branches of ${STEPS} steps, one at a time, and ${COORDINATORS} coordinators with connections of their own in one process; results carry no decisions, so that every one of them is a coordinator’s. A fault is a run, and counts when at least ${HANDS} coordinators have decided it. Figures: coordinators that decided, decisionsPerSecond.`,
  notTested: ['a hundred processes: the machine has two cores'],
  rules: ['H1', 'H2', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 2, faults: 2 },
    default: { runs: 20, faults: 20 },
    release: { runs: 200, faults: 200 },
  },
  play: async ({ faults, forMs, say }) => {
    const dir = await mkdtemp(join(tmpdir(), 'joinery-hot-'));
    try {
      await using redis = await startRedis();
      const ledger = openLedger(join(dir, 'ledger'));
      const log = createFaultLog();
      await using system = await openLocalSystem({
        url: redis.url,
        tasks: [stepTask({ ledger })],
        coordinators: COORDINATORS,
        workers: 2,
        queue: 'memory',
        isCarrying: false,
      });
      const runs: PlayedRun[] = [];
      const deciders = new Set<string>();
      const since = performance.now();
      const isTimeOver = timeLimit(forMs);
      for (let seed = 0; seed < faults && !isTimeOver(); seed += 1) {
        await log.inject('a hot run', async () => {
          const [runId] = await system.start(workload, [seed]);
          if (runId === undefined) return false;
          runs.push({ runId, seed });
          await untilEnded({ client: system }, [{ runId }]);
          const history = (await readHistories(system.client.store, [runId])).get(runId) ?? [];
          const hands = history.flatMap(({ actor }) =>
            actor.endsWith('/decide-run') ? [actor] : [],
          );
          for (const hand of hands) deciders.add(hand);
          return new Set(hands).size >= HANDS;
        });
        if (seed % 5 === 4) say(`${seed + 1} of ${faults} runs`);
      }
      const seconds = (performance.now() - since) / 1_000;
      log.most('coordinators', deciders.size);
      log.most('decisionsPerSecond', system.seen.commits.length / seconds);
      return await judgeStage({
        client: system,
        workload,
        runs,
        calls: [],
        attemptedCount: runs.length,
        ledger: ledger.read(),
        commits: system.seen.commits.map((note) =>
          Object.assign({ pid: process.pid, reply: 'committed' as const }, note),
        ),
        log,
        faultsPlanned: log.faults.length,
        marks: [],
        decidesWithinMs: 50_000,
        problems: [],
      });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

function hotRun(): ReturnType<typeof composeWorkload> {
  const branches = Array.from({ length: BRANCHES }, (_, branch) =>
    Array.from({ length: STEPS }, (_step, step) => `b_${branch}_${step}`),
  );
  const joinOn = branches.map((steps) => steps.at(-1) ?? '');
  return composeWorkload('hot_run', [
    'before',
    { fork: 'fork', branches, join: 'join', joinOn },
    'after',
  ]);
}
