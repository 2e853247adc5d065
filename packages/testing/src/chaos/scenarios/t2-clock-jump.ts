import { waitingFork } from '../../workloads/known-workloads.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { jump, openJumpingRedis } from '../jumping-redis.ts';
import { type Scenario } from '../scenario.ts';
import { type Stage } from '../stage.ts';
import { readHistories } from '../read-histories.ts';
import { underLoad } from '../under-load.ts';

/** The longest jump, ms. */
const JUMP_LIMIT_MS = 600_000;

/** T2: the clock by which all moments go is set forward. */
export const clockJump: Scenario = {
  id: 'T2',
  title: 'The clock of Redis jumps forward',
  hypothesis:
    'Claims, locks and timers end early by what anybody else measures; every run completes as computed, and each timer fires once.',
  method: `Forks with a WAIT in one branch, 20 at a time. Every two seconds the wall clock of the Redis process is set forward by up to ${JUMP_LIMIT_MS / 60_000} minutes (a library before its own reads the offset). A jump counts as an outage of its own length. A fault counts when runs were under way. Figure: jumpedMs.`,
  notTested: [
    'a clock that is set back: moments that were noted before come later by as much',
    'the clocks of processes (T1)',
  ],
  rules: ['H1', 'H2', 'H6', 'H7', 'H10', 'H16', 'H22', 'H25', 'H27'],
  needs: ['cc'],
  sizes: {
    test: { runs: 20, faults: 3 },
    default: { runs: 100, faults: 20 },
    release: { runs: 1_000, faults: 200 },
  },
  play: underLoad({
    workload: waitingFork(),
    openRedis: openJumpingRedis,
    faultName: 'clock set forward',
    everyMs: 2_000,
    fault: async (stage, _index, load) => {
      const isBusy = load.underWay().length > 0;
      const byMs = stage.entropy.seed() % JUMP_LIMIT_MS;
      await jump(stage, byMs);
      stage.log.count('jumpedMs', byMs);
      return isBusy;
    },
    inspect: countTimers,
    decidesWithinMs: Number.POSITIVE_INFINITY,
  }),
};

/** H17, but for being early: each WAIT that was begun has fired, once. */
async function countTimers({ client, log }: Stage, runs: readonly PlayedRun[]): Promise<void> {
  const ids = runs.map(({ runId }) => runId);
  for (const [runId, history] of await readHistories(client.client.store, ids)) {
    const fired = history.filter(
      ({ event }) => event.type === 'task.decided' && event.key === 'wait',
    ).length;
    log.count('timers', fired);
    if (fired !== 1) log.problems.push(`H17 ${runId}: its WAIT fired ${fired} times`);
  }
}
