import { eventually } from '../eventually.ts';
import { type Workload } from '../workloads/workload.ts';
import { judgeStage, type Played, type PlayedRun, witnessesOf } from './judge-stage.ts';
import { proveAlive } from './prove-alive.ts';
import { type Outcome } from './scenario.ts';
import { type Stage } from './stage.ts';

/** What was played on a stage by hand. */
export interface Concluded extends Partial<Pick<Played, 'calls' | 'marks' | 'decidesWithinMs'>> {
  readonly workload: Workload;
  readonly runs: readonly PlayedRun[];
  readonly faultsPlanned: number;
}

/** How long all runs may take to end after the last fault, ms. */
const ENDS_WITHIN_MS = 120_000;

/** Waits until all runs have ended, lets every process prove that it lives, and judges. */
export async function conclude(stage: Stage, concluded: Concluded): Promise<Outcome> {
  const { workload, runs, faultsPlanned, calls = [], marks = [] } = concluded;
  const isOver = await untilEnded(stage, runs);
  const canaries = await proveAlive(stage);
  return await judgeStage({
    client: stage.client,
    workload,
    runs: [...runs, ...canaries.runs],
    calls,
    attemptedCount: runs.length + canaries.runs.length,
    ...witnessesOf(stage.fleet),
    log: stage.log,
    faultsPlanned,
    marks,
    decidesWithinMs: concluded.decidesWithinMs ?? 50_000,
    problems: [...(isOver ? [] : ['not all runs ended']), ...canaries.deaf],
  });
}

/** True when all of these have ended, or are gone. */
export async function untilEnded(
  { client }: Pick<Stage, 'client'>,
  runs: readonly Pick<PlayedRun, 'runId'>[],
): Promise<boolean> {
  const { store } = client.client;
  const isOver = async (): Promise<boolean> => {
    const found = await Promise.all(runs.map(({ runId }) => store.find(runId)));
    return found.every((run) => run === null || run.endedAt > 0);
  };
  return eventually(isOver, { withinMs: ENDS_WITHIN_MS, everyMs: 100 }).catch(() => false);
}
