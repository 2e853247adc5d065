import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { readEpoch, readHistoriesAt } from '../read-histories.ts';
import { commonPrefixes, noteLosses } from '../read-loss.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { openSentinelGroup, sentinelsOf } from '../sentinel-group.ts';
import { everybody, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const LAG_MS = 50;
/** A master refuses writes when its replica has been silent for longer, s. */
const MAX_LAG_S = 1;
/** For how long some clients have the old master and some the new one, ms. */
const SPLIT_MS = 1_500;
const RECENT = 100;
const SETTLES_MS = 100;

/** R5: two masters, each with clients. */
export const splitBrain: Scenario = {
  id: 'R5',
  title: 'Two masters have clients at the same time',
  hypothesis:
    'What the old master took is lost; what survives of each run is consistent, its joins fire once, and it completes.',
  method: `As R4, with \`min-replicas-to-write 1\` and \`min-replicas-max-lag ${MAX_LAG_S}\`, but the old master lives on: when the sentinels have named the other one, half of the connections are ended and come again there, and for ${SPLIT_MS / 1_000} s each half works with its own master. Then all processes are stopped, the histories of both are read, and the old master is killed. A fault counts when the old master had taken something that the new one has not. Figures: lostEvents = events that only the old master had.`,
  notTested: ['effects of handlers outside of Redis, which happen on both sides'],
  rules: ['H1', 'H2', 'H6', 'H16', 'H22', 'H27', 'H32'],
  sizes: {
    test: { runs: 20, faults: 1 },
    default: { runs: 60, faults: 5 },
    release: { runs: 200, faults: 20 },
  },
  play: underLoad({
    openRedis: () =>
      openSentinelGroup({
        lagMs: LAG_MS,
        args: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', String(MAX_LAG_S)],
      }),
    faultName: 'split brain',
    everyMs: 8_000,
    fault: splitOnce,
    decidesWithinMs: Number.POSITIVE_INFINITY,
  }),
};

async function splitOnce(stage: Stage, _index: number, load: RunLoad): Promise<boolean> {
  const group = sentinelsOf(stage);
  const members = everybody(stage);
  const survived = await readEpoch(stage.raw);
  const hit = await stage.log.outage(async () => {
    const oldUrl = group.masterUrl();
    group.isolate();
    await group.failOver();
    group.move(0.5);
    await delay(SPLIT_MS);
    for (const member of members) member.pause();
    await delay(SETTLES_MS);
    const runIds = load.runs.slice(-RECENT).map(({ runId }) => runId);
    const before = await readHistoriesAt(oldUrl, runIds);
    const kept = commonPrefixes(before, await readHistoriesAt(group.masterUrl(), runIds));
    group.move(1);
    await group.rejoin();
    for (const member of members) member.resume();
    return { runIds, before, kept };
  });
  const { runIds, before, kept } = hit;
  const isNoted = async (): Promise<boolean> => (await readEpoch(stage.raw)) > survived;
  await eventually(isNoted, { withinMs: 10_000 }).catch(() => false);
  const epochs = { survived, noted: await readEpoch(stage.raw) };
  // What both have is kept; H31 holds of it by construction, and is not among the rules here.
  noteLosses(stage, runIds, { before, after: kept, epochs });
  return runIds.some((id) => (before.get(id)?.length ?? 0) > (kept.get(id)?.length ?? 0));
}
