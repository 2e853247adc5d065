import { type RunStatus } from '@joinery/core';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { type Workload } from '../workloads/workload.ts';
import { type Mark } from './chaos-marks.ts';
import { judgeStage, type PlayedRun, witnessesOf } from './judge-stage.ts';
import { proveAlive } from './prove-alive.ts';
import { openLoad, type RunLoad } from './run-load.ts';
import { type PlayOptions, type Scenario } from './scenario.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { timeLimit } from './time-limit.ts';

/** A scenario that is: a constant load, one fault after the other, and then everything must end. */
export interface UnderLoadOptions extends Omit<StageOptions, 'seed' | 'bundle'> {
  /** Default: the crazy nested fork-join. */
  readonly workload?: Workload;
  /** Runs under way at a time. Default 20. */
  readonly inFlight?: number;
  /** Beginning of one fault to the beginning of the next, ms. */
  readonly everyMs: number;
  /** Faults are spread over the runs: the next one waits for its share of the starts, too. Default false. */
  readonly isSpread?: boolean;
  /** Does one fault; answers whether it hit something. */
  readonly fault: (stage: Stage, index: number, load: RunLoad) => Promise<boolean>;
  /** What the fault is called in the log. */
  readonly faultName: string;
  /** Done once, before the first run. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** Ends what faults may have left. */
  readonly heal?: (stage: Stage) => Promise<void>;
  /** What must have happened at least once. */
  readonly marks?: readonly Mark[];
  /** Looks at what no history alone tells, when everything has ended; notes what is wrong in the log. */
  readonly inspect?: (stage: Stage, runs: readonly PlayedRun[]) => Promise<void>;
  /** How runs of the load may end. Default: COMPLETED. */
  readonly accepts?: readonly RunStatus[];
  /** Bound of H21: ten times what is promised, for it is there to find what hangs. Default 50 s, for the 5 s of C1. */
  readonly decidesWithinMs?: number;
}

/** How long all runs may take to end after the last fault, ms. */
const ENDS_WITHIN_MS = 120_000;
/** Runs that a loss of seconds may have touched, and more. */
const RECENT = 500;
/** Between two lines that say how it goes, ms. */
const SAY_EVERY_MS = 5_000;

/** Makes the performance of such a scenario. */
export function underLoad(options: UnderLoadOptions): Scenario['play'] {
  return async (play) => {
    const { workload = crazyNestedForkJoin(), inFlight = 20, marks = [] } = options;
    const { bundle } = play;
    await using stage = await openStage({
      ...options,
      seed: play.seed,
      ...(bundle && { bundle }),
    });
    await options.prepare?.(stage);
    const { client, log } = stage;
    await using load = await openLoad({ client, workload, inFlight, atLeast: play.runs });
    const { planned: faultsPlanned, isTimeOver } = await injectAll(stage, load, options, play);
    await options.heal?.(stage);
    const isOver = (await load.close(ENDS_WITHIN_MS, isTimeOver)) && (await areEnded(stage, load));
    const problems = isOver ? [] : ['not all runs ended'];
    const { accepts } = options;
    const runs = load.runs.map((run) => ({ ...run, ...(accepts && { accepts }) }));
    const canaries = await proveAlive(stage);
    await Promise.all(stage.fates);
    await options.inspect?.(stage, runs);
    return await judgeStage({
      client,
      workload,
      runs: [...runs, ...stage.others, ...canaries.runs],
      calls: load.calls,
      attemptedCount: load.attemptedCount() + stage.others.length + canaries.runs.length,
      ...witnessesOf(stage.fleet),
      log,
      faultsPlanned,
      marks,
      decidesWithinMs: options.decidesWithinMs ?? 50_000,
      problems: [...problems, ...canaries.deaf],
    });
  };
}

/** A run that had ended may be at work again: a loss takes ends too. */
function areEnded({ client, others }: Stage, { runs }: RunLoad): Promise<boolean> {
  const { store } = client.client;
  const awaited = [...others, ...runs.slice(-RECENT)];
  const check = async (): Promise<boolean> => {
    const found = await Promise.all(awaited.map(({ runId }) => store.find(runId)));
    return found.every((run) => run === null || run.endedAt > 0);
  };
  return eventually(check, { withinMs: ENDS_WITHIN_MS, everyMs: 100 }).catch(() => false);
}

/** Injects until there were enough faults and enough runs, or the time is over; answers how many were planned until then. */
async function injectAll(
  stage: Stage,
  load: RunLoad,
  { everyMs, isSpread = false, fault, faultName }: UnderLoadOptions,
  { faults, runs, forMs, say }: PlayOptions,
): Promise<{ readonly planned: number; readonly isTimeOver: boolean }> {
  const isTimeOver = timeLimit(forMs);
  const runsPerFault = isSpread ? runs / faults : 0;
  let saidAt = performance.now();
  let planned = 0;
  // What is hit before there is work proves nothing.
  await eventually(() => load.underWay().length > 0, { withinMs: 10_000 });
  let paced = delay(everyMs);
  while ((planned < faults || load.attemptedCount() < runs) && !isTimeOver()) {
    await paced;
    paced = delay(everyMs);
    while (load.attemptedCount() < planned * runsPerFault && !isTimeOver()) await delay(everyMs);
    await stage.log.inject(faultName, () => fault(stage, planned, load));
    planned += 1;
    if (performance.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = performance.now();
      say(`${planned} faults, ${load.endedCount()} of ${load.attemptedCount()} runs ended`);
    }
  }
  return { planned, isTimeOver: isTimeOver() };
}
