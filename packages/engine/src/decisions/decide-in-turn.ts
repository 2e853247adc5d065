import { type FusedLock } from '@joinery/store';
import { decideOnce, type LoadedSlice, type StepOutcome } from './decide-once.ts';
import { type Engine } from '../engine.ts';
import { loadSlice } from './load-slice.ts';

/** Decides on a loaded slice beside whatever else this process decides. */
export function decideBeside(
  engine: Engine,
  loaded: LoadedSlice,
  lock: FusedLock | null,
): Promise<StepOutcome> {
  return engine.evaluationGate.beside(() =>
    decideWatched(engine, loaded, { lock, isAlone: false }),
  );
}

/**
 * Decides a suspect run with nothing beside it: whether its evaluation ends processes shows, and no other run is cut with
 * it. Loads anew, because only what is loaded alone counts.
 */
export function decideAlone(
  engine: Engine,
  suspect: LoadedSlice,
  lock: FusedLock | null,
): Promise<StepOutcome> {
  const { id: runId, nonce } = suspect.slice.run;
  engine.evaluations.survived(runId, nonce);
  return engine.evaluationGate.alone(async () => {
    const loaded = await loadSlice(engine, runId, { lock, isAlone: true });
    // Whatever it is instead, the caller finds it out with its next load.
    if (loaded.type !== 'slice') return { type: 'refused' };
    return decideWatched(engine, loaded, { lock, isAlone: true });
  });
}

async function decideWatched(
  engine: Engine,
  loaded: LoadedSlice,
  { lock, isAlone }: { readonly lock: FusedLock | null; readonly isAlone: boolean },
): Promise<StepOutcome> {
  const { id: runId, nonce } = loaded.slice.run;
  let step: StepOutcome | undefined;
  try {
    step = await decideOnce(engine, loaded, lock);
    return step;
  } finally {
    if (step?.type === 'committed') engine.evaluations.committed(runId);
    else engine.evaluations.survived(runId, nonce, isAlone);
  }
}
