import { replies } from './bench-process-handle.ts';
import { openRoundSite, type SitePlan } from './round-site.ts';
import { isJoinery, type Subject, type SubjectSettings } from './subject.ts';
import { type LoadShape } from './workload.ts';

const CONCURRENCIES = [1, 10, 50, 100];
const WORKER_PROCESSES = [1, 2];

/** One setting and how fast it was. */
export interface Swept {
  readonly settings: SubjectSettings;
  readonly workflowsPerSecond: number;
}

/** What is tried: the same for every subject, except that Joinery's jobs are never kept. */
export function settingsToTry(subject: Subject): readonly SubjectSettings[] {
  const removals = isJoinery(subject) ? [true] : [false, true];
  return removals.flatMap((removeOnComplete) =>
    WORKER_PROCESSES.flatMap((workerProcesses) =>
      CONCURRENCIES.map((concurrency) => ({ concurrency, workerProcesses, removeOnComplete })),
    ),
  );
}

/** What is used without a sweep: BullMQ's and Joinery's own defaults, but 50 tasks at a time. */
export function defaultSettings(subject: Subject): SubjectSettings {
  return { concurrency: 50, workerProcesses: 1, removeOnComplete: isJoinery(subject) };
}

/** How long each setting is tried, ms, after as long a warm-up. */
export interface SweepPlan extends Omit<SitePlan, 'settings'> {
  readonly sweepMs: number;
  readonly load: LoadShape;
}

/** Tries every setting once, in a closed loop; fastest first. Noise of a few per cent decides between near ones. */
export async function sweepSettings(plan: SweepPlan): Promise<readonly Swept[]> {
  const tried: Swept[] = [];
  for (const settings of settingsToTry(plan.subject)) {
    tried.push({ settings, workflowsPerSecond: await speedOf({ ...plan, settings }) });
  }
  return tried.toSorted((a, b) => b.workflowsPerSecond - a.workflowsPerSecond);
}

async function speedOf(plan: SweepPlan & SitePlan): Promise<number> {
  await using site = await openRoundSite(plan);
  await site.startServices();
  const loop = { type: 'closedLoop', forMs: plan.sweepMs, inflight: plan.load.inflight } as const;
  await site.client.ask(loop, replies.loop);
  const { finishedCount, elapsedMs } = await site.client.ask(loop, replies.loop);
  return (finishedCount * 1000) / elapsedMs;
}
