import { type RunId } from '@joinery/core';
import { type LoadArgs, type LoadReply } from '@joinery/store';
import { isDeterministic, reasonOf } from './deterministic-error.ts';
import { type Engine } from '../engine.ts';

/** What a load for a decision came to; `impossible`: what is stored can never be read. */
export type LoadOutcome = LoadReply | { readonly type: 'impossible'; readonly reason: string };

/** Loads what is to be decided of a run, if anything is. */
export async function loadSlice(
  engine: Engine,
  runId: RunId,
  how: Pick<LoadArgs, 'lock' | 'patienceMs' | 'isAlone'>,
): Promise<LoadOutcome> {
  try {
    const actor = engine.actor('decide-run');
    return await engine.store.load({ runId, ...how, isForced: false, actor });
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    return { type: 'impossible', reason: reasonOf('load', error) };
  }
}
