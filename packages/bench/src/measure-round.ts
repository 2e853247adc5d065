import { setTimeout as delay } from 'node:timers/promises';
import { type Redis } from 'ioredis';
import { z } from 'zod';
import { replies } from './bench-process-handle.ts';
import { checkRound, InvalidRound } from './check-round.ts';
import { countJobs, readDataBytes, readInfo, readUsage } from './redis-usage.ts';
import { type RedisUsage, usagePer } from './redis-usage.ts';
import { openRoundSite, type RoundSite, type SitePlan, usageOf } from './round-site.ts';
import { readScriptTimes, resetScriptTimes, type ScriptTimes } from './script-times.ts';
import { type LoadShape, workloadOf } from './workload.ts';

/** How large a round is. */
export interface RoundSize {
  /** Length of a closed loop before the one that is measured, ms: V8 compiles for seconds. */
  readonly warmUpMs: number;
  /** The warm-up goes on until each worker process has run so many tasks on average; 0 = its time alone counts. */
  readonly warmUpTasks: number;
  /** Length of the closed loop, and of the loop at a steady rate, ms. */
  readonly loopMs: number;
}

/** What is measured in one round, and how. */
export interface RoundPlan extends SitePlan, RoundSize {
  readonly load: LoadShape;
}

/** What one round of one subject has measured. */
export interface RoundResult {
  readonly workflowsPerSecond: number;
  readonly tasksPerSecond: number;
  /** Of workflows each of which was alone. */
  readonly idleMs: readonly number[];
  /** Of workflows that were started at a steady rate; empty where there is none. */
  readonly loadedMs: readonly number[];
  /** Of the starts of these workflows. */
  readonly startsMs: readonly number[];
  /** See `successionMsOf`; empty where it is not known. */
  readonly successionsMs: readonly number[];
  /** Redis' work per task, whatever went on in the background included. */
  readonly perTask: RedisUsage & {
    readonly jobs: number;
    readonly serviceCpuUs: number;
    readonly clientCpuUs: number;
  };
  readonly scriptTimes: ScriptTimes;
  readonly bytesPerPending: number;
  readonly bytesPerFinished: number;
  /** At the end of the closed loop; of the services the largest. */
  readonly rssBytes: { readonly client: number; readonly service: number; readonly redis: number };
  /** What the services have logged as warnings or errors: repairs, for example. */
  readonly warningCount: number;
  /** Workflows whose results were checked: all of them. */
  readonly verifiedCount: number;
}

/** Marks of sent letters are buffered for 100 ms; only after them all is quiet. */
const QUIET_MS = 300;

/** One round: a Redis and processes of its own, nothing kept from the last one. Throws when the round is invalid. */
export async function measureRound(plan: RoundPlan): Promise<RoundResult> {
  await using site = await openRoundSite(plan);
  const { client, services, redis } = site;
  const { pendingCount, idleCount, ratePerSecond } = plan.load;
  const memory = await measureMemory(site, pendingCount);
  const loop = await measureLoop(site, plan);
  const idleMs = await client.ask({ type: 'oneByOne', count: idleCount }, replies.numbers);
  const paced = { type: 'paced', forMs: plan.loopMs, ratePerSecond } as const;
  const loaded = await client.ask(paced, replies.paced);
  const verified = await client.ask({ type: 'verify' }, replies.verified);
  const facts = await Promise.all(services.map((one) => one.ask({ type: 'facts' }, replies.facts)));
  checkRound(verified, facts);
  await checkAppendOnly(redis);
  return {
    ...memory,
    ...loop,
    idleMs,
    loadedMs: loaded.latenciesMs,
    startsMs: loaded.startsMs,
    successionsMs: plan.workload === 'W2' ? loaded.successionsMs : [],
    warningCount: facts.reduce((sum, { warningCount }) => sum + warningCount, 0),
    verifiedCount: verified.verifiedCount,
  };
}

async function measureMemory(
  site: RoundSite,
  pendingCount: number,
): Promise<Pick<RoundResult, 'bytesPerPending' | 'bytesPerFinished'>> {
  const { redis, client } = site;
  const emptyBytes = await readDataBytes(redis);
  await client.ask({ type: 'startMany', count: pendingCount }, replies.nothing);
  const pendingBytes = (await quietBytes(redis)) - emptyBytes;
  await site.startServices();
  await client.ask({ type: 'settled' }, replies.nothing);
  const finishedBytes = (await quietBytes(redis)) - emptyBytes;
  return {
    bytesPerPending: pendingBytes / pendingCount,
    bytesPerFinished: finishedBytes / pendingCount,
  };
}

async function quietBytes(redis: Redis): Promise<number> {
  await delay(QUIET_MS);
  return readDataBytes(redis);
}

/** Everything that a loop changes, at one moment. */
async function lookAt({ redis, client, services }: RoundSite, queues: readonly string[]) {
  return {
    redis: await readUsage(redis),
    jobs: await countJobs(redis, queues),
    services: await usageOf(services),
    client: await usageOf([client]),
  };
}

/** A closed loop, after one that is not measured. */
export async function measureLoop(
  site: RoundSite,
  plan: RoundPlan,
): Promise<
  Pick<
    RoundResult,
    'workflowsPerSecond' | 'tasksPerSecond' | 'perTask' | 'rssBytes' | 'scriptTimes'
  >
> {
  const { redis, client } = site;
  const { workload, branches, loopMs } = plan;
  const { taskCount, queues } = workloadOf(workload, branches);
  const { inflight } = plan.load;
  await warmUp(site, plan);
  await resetScriptTimes(redis);
  const before = await lookAt(site, queues);
  const loop = await client.ask({ type: 'closedLoop', forMs: loopMs, inflight }, replies.loop);
  const after = await lookAt(site, queues);
  const tasks = loop.finishedCount * taskCount;
  const workflowsPerSecond = (loop.finishedCount * 1000) / loop.elapsedMs;
  const redisRss = (await readInfo(redis, 'memory')).get('used_memory_rss');
  return {
    workflowsPerSecond,
    tasksPerSecond: workflowsPerSecond * taskCount,
    perTask: {
      ...usagePer(tasks, before.redis, after.redis),
      jobs: (after.jobs - before.jobs) / tasks,
      serviceCpuUs: (after.services.cpuUs - before.services.cpuUs) / tasks,
      clientCpuUs: (after.client.cpuUs - before.client.cpuUs) / tasks,
    },
    rssBytes: {
      client: after.client.rssBytes,
      service: after.services.largestRssBytes,
      redis: Number(redisRss),
    },
    scriptTimes: await readScriptTimes(redis),
  };
}

/**
 * The same load for a time, and for as much work for a slow subject as for a fast one: compiling goes by calls, and until
 * some thousands have been made a task costs more than twice as much.
 */
async function warmUp(
  { client }: RoundSite,
  { workload, branches, settings, load, warmUpMs, warmUpTasks }: RoundPlan,
): Promise<void> {
  const { taskCount } = workloadOf(workload, branches);
  const { inflight } = load;
  for (let left = warmUpTasks * settings.workerProcesses; ;) {
    const loop = await client.ask({ type: 'closedLoop', forMs: warmUpMs, inflight }, replies.loop);
    left -= loop.finishedCount * taskCount;
    if (left <= 0 || loop.finishedCount === 0) return;
  }
}

/** The file was on, and every second: not assumed. */
async function checkAppendOnly(redis: Redis): Promise<void> {
  const asked = z.array(z.string()).parse(await redis.config('GET', 'append*'));
  const isOn = asked[asked.indexOf('appendonly') + 1] === 'yes';
  const isEverySecond = asked[asked.indexOf('appendfsync') + 1] === 'everysec';
  if (!isOn || !isEverySecond) throw new InvalidRound(`append-only file: ${asked.join(' ')}`);
}
