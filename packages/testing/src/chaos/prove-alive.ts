import { eventually } from '../eventually.ts';
import { crazyNestedForkJoin } from '../workloads/known-workloads.ts';
import { type PlayedRun } from './judge-stage.ts';
import { type Member } from './process-fleet.ts';
import { everybody, type Stage } from './stage.ts';

/** Seeds of these runs, apart from those of the load. */
const FIRST_SEED = 1_000_000;
/** Runs per wave: enough that work reaches every process. */
const WAVE = 8;
const WITHIN_MS = 30_000;

/** Runs that were started to see who is alive, and who is not. */
export interface Canaries {
  readonly runs: readonly PlayedRun[];
  /** Processes that did nothing after the last fault. */
  readonly deaf: readonly string[];
}

/**
 * H22: every process must do something after the last fault. Runs are started until each has, those that have come in the
 * place of others meanwhile, too. No run is under way at the end but one that stands still.
 */
export async function proveAlive(stage: Stage): Promise<Canaries> {
  const workload = crazyNestedForkJoin();
  const before = new Map(
    await Promise.all(everybody(stage).map(async (each) => [each, await okCountOf(each)] as const)),
  );
  const runs: PlayedRun[] = [];
  const active = new Set<Member>();
  let deaf: readonly Member[] = [];
  const isAlive = async (member: Member): Promise<boolean> =>
    (await okCountOf(member)) > (before.get(member) ?? 0);
  const look = async (): Promise<void> => {
    const members = everybody(stage).filter((member) => !active.has(member));
    const alive = await Promise.all(members.map(isAlive));
    for (const [index, member] of members.entries()) if (alive[index] === true) active.add(member);
    deaf = members.filter((member) => !active.has(member));
  };
  const wave = async (): Promise<void> => {
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
  const endsAt = performance.now() + WITHIN_MS;
  do await wave();
  while (deaf.length > 0 && performance.now() < endsAt);
  return {
    runs,
    deaf: deaf.map(({ role, pid }) => `${role} ${pid} did nothing after the last fault`),
  };
}

/** A process that does not even answer has done nothing. */
function okCountOf(member: Member): Promise<number> {
  return member.okCount().catch(() => 0);
}
