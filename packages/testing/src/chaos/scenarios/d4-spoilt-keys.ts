import { type RunId } from '@joinery/core';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { RUN_PARTS, spoilPart } from '../spoil-keys.ts';
import { fateOf, spoilOne } from '../spoil-run.ts';
import { type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** More than the time after which every run is looked at, in full. */
const FATE_WITHIN_MS = 60_000;

/** D4: what stands in a key is not what should. */
export const spoiltKeys: Scenario = {
  id: 'D4',
  title: 'Keys of runs hold nonsense, or another type',
  hypothesis:
    'The run ends, or a look calls it corrupt; all others complete as computed, and no process breaks.',
  method: `Nested fork-joins, 20 at a time, looks and full evaluations every 2 s. Every 300 ms one key of a run under way is spoilt: by turns ${RUN_PARTS.join(', ')}; its contents are overwritten, or it gets another type. A fault counts when the key was there. Figures: what became of those runs; one that has neither ended nor is called corrupt after ${FATE_WITHIN_MS / 1_000} s makes the performance invalid.`,
  notTested: ['contents that are well formed and wrong', 'keys of definitions'],
  rules: ['H1', 'H2', 'H6', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 10 },
    default: { runs: 150, faults: 80 },
    release: { runs: 1_000, faults: 800 },
  },
  play: underLoad({
    faultName: 'key spoilt',
    everyMs: 300,
    fleet: {
      env: { JOINERY_SWEEPER_MAX_SWEEP_AGE: '2s', JOINERY_SWEEPER_FULL_DECIDE_INTERVAL: '2s' },
    },
    fault: spoilKey,
  }),
};

async function spoilKey(stage: Stage, index: number, load: RunLoad): Promise<boolean> {
  const part = RUN_PARTS[index % RUN_PARTS.length] ?? 'run';
  // Runs of this load have no timers: none would be found.
  const wanted = part === 'timers' ? 'tasks' : part;
  const turn = Math.floor(index / RUN_PARTS.length) + index;
  const runId = await spoilOne(stage, load, (id) =>
    spoilPart(stage.raw, id, { part: wanted, turn }),
  );
  if (runId === null) return false;
  load.forget(runId);
  stage.fates.push(noteFate(stage, runId, wanted));
  return true;
}

async function noteFate(stage: Stage, runId: RunId, part: string): Promise<void> {
  const fate = await fateOf(stage, runId, FATE_WITHIN_MS);
  stage.log.count(`${part} ${fate}`, 1);
  if (fate === 'stuck') stage.log.problems.push(`D4: ${runId} with a bad ${part} is stuck`);
}
