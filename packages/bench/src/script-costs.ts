/*
 * What each call of the store costs Redis: as many runs as one likes walk through a workload in lockstep, so that all of
 * them make the same call at the same time, and INFO commandstats says what that kind of call has cost.
 * Queues and nudges are in memory: Redis sees the store and nothing else.
 */
import { parseTaskId } from '@joinery/core';
import {
  claimTask,
  completeTask,
  createEngine,
  decideRun,
  type Engine,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import { createLogger, systemClock, systemEntropy, type Timers } from '@joinery/kit';
import { createMemoryDefinitionStore, createMemoryNudges, createRedisStore } from '@joinery/store';
import { Redis } from 'ioredis';
import { createLockstep } from './lockstep.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { aroundCalls } from './method-calls.ts';
import { type CommandStat, commandStatsOf, readInfo, readUsage } from './redis-usage.ts';
import { type Workload, type WorkloadName, workloadOf } from './workload.ts';

/** What one method of the store has cost. */
export interface ScriptCost {
  readonly method: string;
  /** Calls of the method, over all runs. */
  readonly calls: number;
  /** User and system time of Redis per call, µs, reading, answering and the append-only file included. */
  readonly cpuUs: number;
  /** Time of its scripts per call, µs: their commands and the Lua around them. On a busy machine also time without a CPU. */
  readonly scriptUs: number;
  /** The part of it that is not inside commands. */
  readonly luaUs: number;
  /** Commands per call, the scripts themselves left out; dearest first. */
  readonly commands: readonly (CommandStat & { readonly name: string })[];
}

/** These are measured; what else the verbs call (marks) would get between them. */
const MEASURED = new Set(['start', 'load', 'read', 'readWhole', 'commit', 'claim', 'complete']);
/** Ours, not the store's. */
const APART = new Set(['evalsha', 'eval', 'info', 'config|resetstat', 'config']);
/** Marks wait for the end: a timer would put them into somebody else's measurement. */
const noTimers: Timers = { after: () => () => undefined };

/** Measures every method of the store that a run of this workload needs, over `runCount` runs. */
export async function measureScripts(
  url: string,
  workloadName: WorkloadName,
  runCount: number,
): Promise<readonly ScriptCost[]> {
  const workload = workloadOf(workloadName);
  const redis = new Redis(url);
  const totals = new Map<string, Map<string, CommandStat>>();
  const cpuUs = new Map<string, number>();
  const lockstep = createLockstep(runCount, async (method, calls) => {
    await redis.config('RESETSTAT');
    const before = await readUsage(redis);
    await calls();
    const after = await readUsage(redis);
    cpuUs.set(method, (cpuUs.get(method) ?? 0) + after.cpuUs - before.cpuUs);
    addTo(totals, method, commandStatsOf(await readInfo(redis, 'commandstats')));
  });
  const plainStore = createRedisStore(redis);
  const store = aroundCalls(plainStore, (name, call) =>
    MEASURED.has(name) ? lockstep.call(name, call) : call(),
  );
  const mailbox = createMailbox();
  const engine = createEngine(
    {
      store,
      queue: mailbox.queue,
      definitions: createMemoryDefinitionStore(),
      nudges: createMemoryNudges(),
      locks: 'fused',
      clock: systemClock,
      entropy: systemEntropy,
      logger: createLogger({ level: 'error', name: 'bench' }),
      processId: 'bench',
    },
    noTimers,
  );
  try {
    await registerDefinition(engine, workload.definition);
    const walks = Array.from({ length: runCount }, () =>
      lockstep.walk(() => walk(engine, workload, mailbox)),
    );
    await Promise.all(walks);
    return [...totals].map(([method, stats]) =>
      costOf(method, { calls: lockstep.countOf(method), cpuUs: cpuUs.get(method) ?? 0, stats }),
    );
  } finally {
    await engine.close();
    redis.disconnect();
  }
}

async function walk(
  engine: Engine,
  { name, input, payload }: Workload,
  mailbox: Mailbox,
): Promise<void> {
  const { runId } = await startRun(engine, { name, input });
  for (let job = mailbox.take(runId); job !== undefined; job = mailbox.take(runId)) {
    const task = parseTaskId(job.taskId);
    const claim = await claimTask(engine, { job, worker: 'bench', leaseMs: 60_000 });
    if (claim.type !== 'claimed' || task === null) throw new Error(`${job.taskId}: ${claim.type}`);
    const { attempt } = job;
    const { token } = claim;
    const result = { status: 'COMPLETED', output: { payload }, reason: '' } as const;
    const reply = await completeTask(engine, { ...task, attempt, token, ...result });
    if (reply.type === 'stored' && reply.isDirty) await decideRun(engine, runId);
  }
}

function addTo(
  totals: Map<string, Map<string, CommandStat>>,
  method: string,
  stats: ReadonlyMap<string, CommandStat>,
): void {
  const total = totals.get(method) ?? new Map<string, CommandStat>();
  totals.set(method, total);
  for (const [name, { calls, us }] of stats) {
    const before = total.get(name) ?? { calls: 0, us: 0 };
    total.set(name, { calls: before.calls + calls, us: before.us + us });
  }
}

interface MethodTotals {
  readonly calls: number;
  readonly cpuUs: number;
  readonly stats: ReadonlyMap<string, CommandStat>;
}

function costOf(method: string, { calls, cpuUs, stats }: MethodTotals): ScriptCost {
  const scriptUs = ['evalsha', 'eval'].reduce((sum, name) => sum + (stats.get(name)?.us ?? 0), 0);
  const nested = [...stats].filter(([name]) => !APART.has(name));
  const isScript = scriptUs > 0;
  const nestedUs = isScript ? nested.reduce((sum, [, { us }]) => sum + us, 0) : 0;
  return {
    method,
    calls,
    cpuUs: cpuUs / calls,
    scriptUs: scriptUs / calls,
    luaUs: (scriptUs - nestedUs) / calls,
    commands: nested
      .map(([name, stat]) => ({ name, calls: stat.calls / calls, us: stat.us / calls }))
      .toSorted((a, b) => b.us - a.us),
  };
}
