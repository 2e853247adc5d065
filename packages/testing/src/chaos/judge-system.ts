import { type RunId } from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { checkHistory, type HistoryVerdict } from '../history/check-history.ts';
import { expectCompleted, readEvidence, type Witnesses } from '../history/evidence.ts';
import { type Workload } from '../workloads/workload.ts';

/** A run of a workload and the seed that it was started with. */
export interface SeededRun {
  readonly runId: RunId;
  readonly seed: number;
}

/** Runs read at a time. */
const READS_AT_ONCE = 20;

/** Reads all runs and judges them: each must have completed, with the results that were computed directly. */
export async function judgeSystem(
  store: RunStore,
  {
    workload,
    runs,
    ...witnesses
  }: Witnesses & {
    readonly workload: Workload;
    readonly runs: readonly SeededRun[];
  },
): Promise<HistoryVerdict> {
  const cases = [];
  for (let from = 0; from < runs.length; from += READS_AT_ONCE) {
    const some = runs.slice(from, from + READS_AT_ONCE).map(async ({ runId, seed }) => ({
      evidence: await readEvidence(store, runId, workload),
      expected: expectCompleted(workload, seed),
    }));
    cases.push(...(await Promise.all(some)));
  }
  return checkHistory(cases, witnesses);
}
