import { eventually } from '../eventually.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { type PlayedRun } from './judge-stage.ts';
import { type Member } from './process-fleet.ts';
import { everybody, type Stage } from './stage.ts';

/** Seeds of these runs, apart from those of the load. */
const FIRST_SEED = 1_000_000;
/** Runs per wave: enough that work reaches every process. */
const WAVE = 8;

/** Runs that were started to see who is alive, and who is not. */
export interface Canaries {
  readonly runs: readonly PlayedRun[];
  /** Processes that did nothing after the last fault. */
  readonly deaf: readonly string[];
}

/** H22: every process must do something after the last fault. Runs are started until each has. */
export async function proveAlive(stage: Stage): Promise<Canaries> {
  const workload = crazyNestedForkJoin();
  const members = everybody(stage);
  const before = new Map(
    await Promise.all(members.map(async (each) => [each, await okCountOf(each)] as const)),
  );
  const runs: PlayedRun[] = [];
  let deaf: readonly Member[] = members;
  const isAlive = async (member: Member): Promise<boolean> =>
    (await okCountOf(member)) > (before.get(member) ?? 0);
  const look = async (): Promise<boolean> => {
    const alive = await Promise.all(deaf.map(isAlive));
    deaf = deaf.filter((_member, index) => !alive[index]);
    return deaf.length === 0;
  };
  const wave = async (): Promise<boolean> => {
    const seeds = Array.from({ length: WAVE }, (_, index) => FIRST_SEED + runs.length + index);
    const started = await stage.client.start(workload, seeds);
    const fresh = started.map((runId, index) => ({
      runId,
      seed: seeds[index] ?? 0,
      workload,
    }));
    runs.push(...fresh);
    const { store } = stage.client.client;
    await eventually(
      async () => {
        const found = await Promise.all(fresh.map(({ runId }) => store.find(runId)));
        return found.every((run) => (run?.endedAt ?? 0) > 0);
      },
      { withinMs: 20_000, everyMs: 50 },
    ).catch(() => false);
    return look();
  };
  await eventually(wave, { withinMs: 30_000 }).catch(() => false);
  return {
    runs,
    deaf: deaf.map(({ role, pid }) => `${role} ${pid} did nothing after the last fault`),
  };
}

/** A process that does not even answer has done nothing. */
function okCountOf(member: Member): Promise<number> {
  return member.okCount().catch(() => 0);
}
