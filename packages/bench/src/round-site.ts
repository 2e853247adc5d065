/*
 * Ownership: a site owns two Redis servers (the measured one and the one that ends are told through), and every process
 * that is started on it; disposal ends all of them.
 */
import { startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { type BenchProcess, replies, startBenchProcess } from './bench-process-handle.ts';
import { type Role } from './joinery-service.ts';
import { type ProcessUsage } from './process-protocol.ts';
import { isJoinery, type Site, type Subject, type SubjectSettings } from './subject.ts';
import { type MeasuredName } from './workload.ts';

/** What a site is made for. */
export interface SitePlan {
  readonly subject: Subject;
  readonly workload: MeasuredName;
  readonly branches: number;
  readonly settings: SubjectSettings;
  /** Joinery's processes besides the client, each with its roles; those with a worker come in `workerProcesses` copies. */
  readonly services: readonly (readonly Role[])[];
  /** Where each process leaves its CPU profile. Absent: none is made. */
  readonly profileDir?: string;
}

/** Processes and Redis of one round of one subject: nothing is kept from the last one. */
export interface RoundSite extends AsyncDisposable {
  readonly redis: Redis;
  /** Of the measured Redis. */
  readonly url: string;
  readonly client: BenchProcess;
  /** Those that `startServices` has started. */
  readonly services: readonly BenchProcess[];
  startServices(): Promise<void>;
}

/** Starts Redis (append-only file, everysec) and the client. */
export async function openRoundSite(plan: SitePlan): Promise<RoundSite> {
  const { subject, settings, workload, branches, profileDir } = plan;
  const stack: (() => Promise<unknown>)[] = [];
  const dispose = async (): Promise<void> => {
    for (const end of stack.splice(0).toReversed()) await end();
  };
  try {
    const measured = await startRedis({ appendonly: true });
    stack.push(async () => measured[Symbol.asyncDispose]());
    const ends = await startRedis();
    stack.push(async () => ends[Symbol.asyncDispose]());
    const redis = new Redis(measured.url);
    stack.push(async () => redis.disconnect());
    const site: Site = { url: measured.url, endsUrl: ends.url, workload, branches };
    const nodeArgs = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
    const start = async (roles: readonly Role[] | null): Promise<BenchProcess> => {
      const spec = { subject, site, settings, roles: roles && [...roles] };
      const started = await startBenchProcess(spec, nodeArgs);
      stack.push(async () => started[Symbol.asyncDispose]());
      return started;
    };
    const client = await start(null);
    const services: BenchProcess[] = [];
    return {
      redis,
      url: measured.url,
      client,
      services,
      async startServices() {
        for (const roles of processesOf(plan)) services.push(await start(roles));
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function processesOf({ subject, settings, services }: SitePlan): readonly (readonly Role[])[] {
  const { workerProcesses } = settings;
  const times = <T>(item: T): readonly T[] => Array.from({ length: workerProcesses }, () => item);
  if (!isJoinery(subject)) return times([]);
  return services.flatMap((roles) => (roles.includes('worker') ? times(roles) : [roles]));
}

/** What these processes have used, together, and the largest of them. */
export async function usageOf(
  processes: readonly BenchProcess[],
): Promise<ProcessUsage & { readonly largestRssBytes: number }> {
  const each = await Promise.all(processes.map((one) => one.ask({ type: 'usage' }, replies.usage)));
  const sizes = each.map(({ rssBytes }) => rssBytes);
  return {
    cpuUs: each.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
    rssBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    largestRssBytes: Math.max(0, ...sizes),
  };
}
