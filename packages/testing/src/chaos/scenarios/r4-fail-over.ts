import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { readEpoch, readHistoriesAt } from '../read-histories.ts';
import { noteLosses } from '../read-loss.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { openSentinelGroup, sentinelsOf } from '../sentinel-group.ts';
import { everybody, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const LAG_MS = 100;
/** For how long clients still write what no replica hears of, ms. */
const UNHEARD_MS = 400;
const RECENT = 100;
/** What was sent before the senders were stopped is answered after this, ms. */
const SETTLES_MS = 100;

/** R4: a replica takes over that had not received everything. */
export const failOver: Scenario = {
  id: 'R4',
  title: 'Sentinels make a replica master that lags behind',
  hypothesis:
    'What the replica had not received is lost, a suffix of each run; every run completes from there.',
  method: `Nested fork-joins, 20 at a time, on a master with one replica and three sentinels, ${LAG_MS} ms from each other; clients reach the master through one address. The master is cut off from replica and sentinels, clients write for ${UNHEARD_MS} ms more, all processes are stopped (SIGSTOP), the histories read, and the master killed. When the sentinels have made the replica master, clients are let there, and the histories compared. A fault counts when something was lost. Figures: lostEvents, lostRuns (starts), and slowestFailOverMs from the cut to the new master.`,
  notTested: ['clients that ask sentinels themselves', 'WAIT after a commit'],
  rules: ['H1', 'H2', 'H6', 'H10', 'H16', 'H22', 'H27', 'H31', 'H32'],
  sizes: {
    test: { runs: 20, faults: 1 },
    default: { runs: 60, faults: 5 },
    release: { runs: 200, faults: 20 },
  },
  play: underLoad({
    openRedis: () => openSentinelGroup({ lagMs: LAG_MS }),
    faultName: 'failover',
    everyMs: 8_000,
    fault: failOverOnce,
    decidesWithinMs: Number.POSITIVE_INFINITY,
  }),
};

async function failOverOnce(stage: Stage, _index: number, load: RunLoad): Promise<boolean> {
  const group = sentinelsOf(stage);
  const since = performance.now();
  group.isolate();
  await delay(UNHEARD_MS);
  const survived = await readEpoch(stage.raw);
  const members = everybody(stage);
  for (const member of members) member.pause();
  await delay(SETTLES_MS);
  const runIds = load.runs.slice(-RECENT).map(({ runId }) => runId);
  const before = await readHistoriesAt(group.masterUrl(), runIds);
  await stage.log.outage(async () => {
    await group.kill();
    await group.failOver();
    group.move(1);
  });
  stage.log.most('slowestFailOverMs', performance.now() - since);
  const after = await readHistoriesAt(group.masterUrl(), runIds);
  for (const member of members) member.resume();
  await group.rejoin();
  const isNoted = async (): Promise<boolean> => (await readEpoch(stage.raw)) > survived;
  await eventually(isNoted, { withinMs: 10_000 }).catch(() => false);
  noteLosses(stage, runIds, {
    before,
    after,
    epochs: { survived, noted: await readEpoch(stage.raw) },
  });
  const countOf = (histories: typeof before): number =>
    [...histories.values()].reduce((sum, history) => sum + history.length, 0);
  return countOf(after) < countOf(before);
}
