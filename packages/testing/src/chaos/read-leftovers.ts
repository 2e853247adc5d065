import { partitionOf } from '@joinery/core';
import { eventually } from '../eventually.ts';
import { type RunEvidence } from '../history/evidence.ts';
import { type Leftover } from '../history/judge-leftovers.ts';
import { type LocalSystem } from './local-system.ts';

/** What ended runs left; a moment is given for what is on its way out. */
export async function readLeftovers(
  { client: { store } }: LocalSystem,
  evidence: readonly RunEvidence[],
): Promise<readonly Leftover[]> {
  const read = async (): Promise<readonly Leftover[]> => {
    const letters = new Map<string, number>();
    for (const partition of new Set(evidence.map(({ runId }) => partitionOf(runId)))) {
      for (const { runId } of await store.unsent(partition, 0, 1_000)) {
        letters.set(runId, (letters.get(runId) ?? 0) + 1);
      }
    }
    const leftovers: Leftover[] = [];
    for (const { runId } of evidence) {
      const isInAttention = (await store.attention(runId)) !== null;
      const lockLeftMs = (await store.lockHolder(runId))?.leftMs ?? 0;
      leftovers.push({ runId, isInAttention, letterCount: letters.get(runId) ?? 0, lockLeftMs });
    }
    return leftovers;
  };
  const isClean = async (): Promise<boolean> => !(await read()).some(isLeft);
  await eventually(isClean, { withinMs: 10_000, everyMs: 1_000 }).catch(() => false);
  return read();
}

function isLeft({ isInAttention, letterCount }: Leftover): boolean {
  return isInAttention || letterCount > 0;
}
