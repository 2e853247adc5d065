import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { type BenchProcess, replies, startBenchProcess } from './bench-process-handle.ts';
import { type Role } from './joinery-service.ts';
import { type LoopResult } from './load-driver.ts';
import { countJobs, readDataBytes, readUsage, type RedisUsage, usagePer } from './redis-usage.ts';
import { type Subject } from './subject.ts';
import { type WorkloadName, workloadOf } from './workload.ts';

/** How large a round is. */
export interface RoundSize {
  /** Length of a closed loop before the one that is measured, ms: V8 compiles for seconds. */
  readonly warmUpMs: number;
  /** Length of the closed loop, ms. */
  readonly loopMs: number;
  /** Workflows that are under way at a time in the closed loop. */
  readonly inflight: number;
  /** Workflows started while no service runs, for memory. */
  readonly pendingCount: number;
  /** Workflows of which each is alone, for latency. */
  readonly idleCount: number;
}

/** What is measured in one round, and how. */
export interface RoundPlan extends RoundSize {
  readonly subject: Subject;
  readonly workload: WorkloadName;
  /** Joinery's processes besides the client, each with its roles. */
  readonly services: readonly (readonly Role[])[];
  /** Where each process leaves its CPU profile. Absent: none is made. */
  readonly profileDir?: string;
}

/** What one round of one subject has measured. */
export interface RoundResult {
  readonly workflowsPerSecond: number;
  readonly tasksPerSecond: number;
  readonly idleMs: readonly number[];
  /** Redis' work per task, whatever went on in the background included. */
  readonly perTask: RedisUsage & {
    readonly jobs: number;
    readonly serviceCpuUs: number;
    readonly clientCpuUs: number;
  };
  readonly bytesPerPending: number;
  readonly bytesPerFinished: number;
  /** Workflows whose results were checked. */
  readonly verifiedCount: number;
}

/** Marks of sent letters are buffered for 100 ms; only after them all is quiet. */
const QUIET_MS = 300;

/** One round: a Redis and processes of its own, nothing kept from the last one. */
export async function measureRound(plan: RoundPlan): Promise<RoundResult> {
  await using server = await startRedis({ appendonly: true });
  const redis = new Redis(server.url);
  try {
    return await measureOn(redis, server.url, plan);
  } finally {
    redis.disconnect();
  }
}

async function measureOn(redis: Redis, url: string, plan: RoundPlan): Promise<RoundResult> {
  const { subject, workload, pendingCount, idleCount } = plan;
  const { taskCount } = workloadOf(workload);
  const nodeArgs =
    plan.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${plan.profileDir}`];
  const start = (roles: readonly Role[] | null): Promise<BenchProcess> =>
    startBenchProcess({ subject, workload, url, roles: roles && [...roles] }, nodeArgs);
  await using client = await start(null);
  const emptyBytes = await readDataBytes(redis);
  await client.ask({ type: 'startMany', count: pendingCount }, replies.nothing);
  const pendingBytes = (await quietBytes(redis)) - emptyBytes;

  const running: BenchProcess[] = [];
  try {
    for (const roles of subject === 'joinery' ? plan.services : [[]]) {
      running.push(await start(roles));
    }
    await client.ask({ type: 'settled' }, replies.nothing);
    const finishedBytes = (await quietBytes(redis)) - emptyBytes;
    const warmUp = { type: 'closedLoop', forMs: plan.warmUpMs, inflight: plan.inflight } as const;
    await client.ask(warmUp, replies.loop);
    const loop = await measureLoop(redis, plan, { client, running });
    const idleMs = await client.ask({ type: 'oneByOne', count: idleCount }, replies.numbers);
    const verifiedCount = await client.ask({ type: 'verify' }, replies.number);
    return {
      ...loop,
      tasksPerSecond: loop.workflowsPerSecond * taskCount,
      idleMs,
      bytesPerPending: pendingBytes / pendingCount,
      bytesPerFinished: finishedBytes / pendingCount,
      verifiedCount,
    };
  } finally {
    await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  }
}

async function quietBytes(redis: Redis): Promise<number> {
  await delay(QUIET_MS);
  return readDataBytes(redis);
}

interface Processes {
  readonly client: BenchProcess;
  readonly running: readonly BenchProcess[];
}

async function measureLoop(
  redis: Redis,
  { workload, loopMs, inflight }: RoundPlan,
  { client, running }: Processes,
): Promise<Pick<RoundResult, 'workflowsPerSecond' | 'perTask'>> {
  const { taskCount, types } = workloadOf(workload);
  const look = async (): Promise<readonly [RedisUsage, number, number, number]> => [
    await readUsage(redis),
    await countJobs(redis, types),
    await cpuUs(running),
    await cpuUs([client]),
  ];
  const before = await look();
  const loop: LoopResult = await client.ask(
    { type: 'closedLoop', forMs: loopMs, inflight },
    replies.loop,
  );
  const after = await look();
  const tasks = loop.finishedCount * taskCount;
  return {
    workflowsPerSecond: (loop.finishedCount * 1000) / loop.elapsedMs,
    perTask: {
      ...usagePer(tasks, before[0], after[0]),
      jobs: (after[1] - before[1]) / tasks,
      serviceCpuUs: (after[2] - before[2]) / tasks,
      clientCpuUs: (after[3] - before[3]) / tasks,
    },
  };
}

async function cpuUs(processes: readonly BenchProcess[]): Promise<number> {
  const each = processes.map((one) => one.ask({ type: 'cpuUs' }, replies.number));
  return (await Promise.all(each)).reduce((sum, us) => sum + us, 0);
}
