/*
 * Other engines on the same workloads, as far as npm installs them and they run here. Their stores and guarantees are
 * others: figures stand beside ours, no ratio is made of them.
 */
import { inParallel } from './in-parallel.ts';
import { quantile } from './quantile.ts';
import { openRestate, RESTATE_PACKAGES } from './restate-peer.ts';
import { type LoadShape, type WorkloadName, workloadOf } from './workload.ts';

/** What a peer has done with one workload. */
export interface PeerFigure {
  readonly peer: string;
  readonly workload: WorkloadName;
  readonly workflowsPerSecond: number;
  readonly idleP50Ms: number;
  /** Every workflow whose result was compared: all of them. */
  readonly checkedCount: number;
}

/** A peer that could not be measured, and why. */
export interface AbsentPeer {
  readonly peer: string;
  readonly problem: string;
}

/** How long, and with which load. */
export interface PeerPlan {
  readonly workloads: readonly WorkloadName[];
  readonly branches: number;
  readonly warmUpMs: number;
  readonly loopMs: number;
  readonly load: Partial<LoadShape>;
}

/** Each task as a step in the process of the workflow, or as a call of a service: the latter is nearer to ours. */
const KINDS = ['steps', 'calls'] as const;

/** Measures every peer there is; one that cannot be installed or started is answered as absent. */
export async function measurePeers(
  plan: PeerPlan,
): Promise<{ readonly figures: readonly PeerFigure[]; readonly absent: readonly AbsentPeer[] }> {
  try {
    await using restate = await openRestate();
    const figures: PeerFigure[] = [];
    const { ingress } = restate;
    for (const name of plan.workloads) {
      for (const kind of KINDS) figures.push(await measureRestate({ ingress, kind, name }, plan));
    }
    return { figures, absent: [] };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { figures: [], absent: [{ peer: RESTATE_PACKAGES.join(', '), problem }] };
  }
}

interface RestateWorkload {
  readonly ingress: string;
  readonly kind: (typeof KINDS)[number];
  readonly name: WorkloadName;
}

async function measureRestate(
  { ingress, kind, name }: RestateWorkload,
  { branches, warmUpMs, loopMs, load }: PeerPlan,
): Promise<PeerFigure> {
  const workload = workloadOf(name, branches);
  const { inflight, idleCount } = { ...workload.load, ...load };
  let checkedCount = 0;
  const runOne = async (): Promise<void> => {
    const answer = await fetch(`${ingress}/${kind}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ payload: workload.payload, branches }),
    });
    const text = await answer.text();
    if (!answer.ok || text !== JSON.stringify({ payload: workload.payload })) {
      throw new Error(`Restate answered ${name} with ${answer.status} ${text.slice(0, 200)}`);
    }
    checkedCount += 1;
  };
  const loop = async (forMs: number): Promise<number> => {
    const startedAt = performance.now();
    let count = 0;
    await inParallel(inflight, inflight, async () => {
      while (performance.now() - startedAt < forMs) {
        await runOne();
        count += 1;
      }
    });
    return (count * 1000) / (performance.now() - startedAt);
  };
  await loop(warmUpMs);
  const workflowsPerSecond = await loop(loopMs);
  const idleMs: number[] = [];
  for (let done = 0; done < idleCount; done += 1) {
    const beganAt = performance.now();
    await runOne();
    idleMs.push(performance.now() - beganAt);
  }
  const peer = `restate, ${kind}`;
  return {
    peer,
    workload: name,
    workflowsPerSecond,
    idleP50Ms: quantile(idleMs, 0.5),
    checkedCount,
  };
}
