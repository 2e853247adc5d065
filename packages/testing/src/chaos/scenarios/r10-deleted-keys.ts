import { type RunId } from '@joinery/core';
import { waitingFork } from '../../workloads/known-workloads.ts';
import { STEP_TASK } from '../../workloads/workload.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import {
  deleteEntry,
  deletePart,
  PARTITION_PARTS,
  type PartitionPart,
  RUN_PARTS,
  type RunPart,
} from '../spoil-keys.ts';
import { fateOf, spoilOne } from '../spoil-run.ts';
import { type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** Derived from what else is there: the run completes as if nothing had been. */
const REPAIRABLE: readonly (RunPart | PartitionPart | 'job')[] = [
  'lock',
  'timers',
  'watch',
  'outbox',
  'joins',
  'todo',
  'attention',
  'runs',
  'unsent',
  'job',
];
/** Nobody can know what was there: the run ends and says so, or is gone. */
const FATAL: readonly RunPart[] = ['tasks', 'history', 'run', 'data'];
/** More than the time after which every run is looked at, in full. */
const FATE_WITHIN_MS = 60_000;

/** R10: one key of a run disappears. */
export const deletedKeys: Scenario = {
  id: 'R10',
  title: 'Single keys of runs are deleted',
  hypothesis:
    'What follows from other keys is made again and the run completes as computed; without a key that nothing follows from, the run ends FAILED or is gone. None is stuck without a word.',
  method: `Forks with a WAIT in one branch, 30 at a time, looks and full evaluations every 2 s. Every 300 ms one key, or one entry of a partition’s list, is deleted for a run under way that has it: by turns ${REPAIRABLE.join(', ')} (the run must complete as computed) and ${FATAL.join(', ')} (it must end, or be gone, or be called corrupt by a look). A fault counts when there was something to delete. Figures: what became of the latter.`,
  notTested: ['definitions and pinned plans', 'several keys of one run', 'single fields'],
  rules: ['H2', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 14 },
    default: { runs: 150, faults: 100 },
    release: { runs: 1_000, faults: 700 },
  },
  play: underLoad({
    workload: waitingFork(),
    inFlight: 30,
    faultName: 'key deleted',
    everyMs: 300,
    fleet: {
      stepMs: [20, 150],
      stepConcurrency: 4,
      env: { JOINERY_SWEEPER_MAX_SWEEP_AGE: '2s', JOINERY_SWEEPER_FULL_DECIDE_INTERVAL: '2s' },
    },
    fault: deleteOne,
  }),
};

async function deleteOne(stage: Stage, index: number, load: RunLoad): Promise<boolean> {
  const turn = index % (REPAIRABLE.length + FATAL.length);
  const part = REPAIRABLE[turn] ?? FATAL[turn - REPAIRABLE.length] ?? 'lock';
  const runId = await spoilOne(stage, load, (id) => deletionOf(stage, id, part));
  const isFatal = FATAL.some((each) => each === part);
  if (runId === null || !isFatal) return runId !== null;
  load.forget(runId);
  stage.fates.push(noteFate(stage, runId, part));
  return true;
}

async function noteFate(stage: Stage, runId: RunId, part: string): Promise<void> {
  const fate = await fateOf(stage, runId, FATE_WITHIN_MS);
  stage.log.count(`${part} ${fate}`, 1);
  if (fate === 'stuck') stage.log.problems.push(`R10: ${runId} without ${part} is stuck`);
}

function deletionOf(
  { raw }: Stage,
  runId: RunId,
  part: RunPart | PartitionPart | 'job',
): Promise<boolean> {
  if (part === 'job') return deleteJobs({ raw }, runId);
  const entry = PARTITION_PARTS.find((each) => each === part);
  if (entry !== undefined) return deleteEntry(raw, runId, entry);
  const key = RUN_PARTS.find((each) => each === part);
  return key === undefined ? Promise.resolve(false) : deletePart(raw, runId, key);
}

async function deleteJobs({ raw }: Pick<Stage, 'raw'>, runId: RunId): Promise<boolean> {
  const jobs = await raw.keys(`bull:${STEP_TASK}:${runId}*`);
  return jobs.length > 0 && (await raw.unlink(...jobs)) > 0;
}
