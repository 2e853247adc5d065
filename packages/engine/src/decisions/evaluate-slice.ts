import {
  type Decision,
  type DecideEvent,
  type DecideResult,
  mergeSlice,
  type Slice,
} from '@joinery/core';
import { type Engine } from '../engine.ts';
import { runScripts } from './run-scripts.ts';
import { tryDecide } from './try-decide.ts';
import { findStrays } from './find-strays.ts';

/** What the decider said, or why it cannot say anything. */
export type Evaluation =
  /** With what it was made on. */
  | { readonly type: 'decision'; readonly decision: Decision; readonly slice: Slice }
  | Extract<DecideResult, { type: 'refused' }>
  /** The error is in the run, its definition or the decider: it would come again. */
  | { readonly type: 'impossible'; readonly reason: string }
  /** Something has happened since the load, and the decision needs all of the run at one moment. */
  | { readonly type: 'overtaken' }
  | { readonly type: 'gone' };

// Each round loads what the one before has asked for; a decision asks a few times, by kind of data.
const ROUNDS_LIMIT = 64;

/** Asks the decider, reads what it lacks and runs what it asks for until it has decided. Writes nothing. */
export async function evaluateSlice(
  engine: Engine,
  loaded: Slice,
  event: DecideEvent,
): Promise<Evaluation> {
  const { id: runId } = loaded.run;
  const found = await engine.plans.find(planIdOf(loaded, event));
  if (found.type === 'missing') return { type: 'impossible', reason: found.reason };
  const seed = engine.entropy.seed();
  let slice = loaded;
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const result = tryDecide(engine, { slice, plan: found.plan, event, seed });
    if (result.type === 'decision') return { ...result, slice };
    if (result.type !== 'needs') return result;
    if (result.needs.whole === true) {
      const whole = await wholeSlice(engine, slice);
      if (whole === null) return { type: 'gone' };
      if (whole.whole === null) return { type: 'overtaken' };
      slice = whole;
    }
    const [more, evaluations] = await Promise.all([
      engine.store.read(runId, result.needs),
      runScripts(engine, result.needs),
    ]);
    if (more === null) return { type: 'gone' };
    slice = mergeSlice(slice, { ...more, evaluations });
  }
  return { type: 'impossible', reason: `decide: asked for more data ${ROUNDS_LIMIT} times` };
}

/** A restart may choose another definition than the one that the run is pinned to. */
function planIdOf({ run }: Slice, event: DecideEvent): string {
  const operation = event.type === 'operation' ? event.operation : null;
  return (operation?.type === 'restart' ? operation.pinned?.planId : null) ?? run.planId;
}

/**
 * The slice with every row of the run, for a full evaluation; null when the run is gone. The slice as it was when
 * something happened while the rows were read: beside an older record, a fresh result looks like one that nobody has
 * acted upon. What happens is decided upon anyway, and the full evaluation is asked for again.
 */
export async function wholeSlice(engine: Engine, slice: Slice): Promise<Slice | null> {
  const { id: runId, version } = slice.run;
  const whole = await engine.store.readWhole(runId);
  if (whole === null) return null;
  const strays = await findStrays(engine, runId, whole.rows.values());
  const now = await engine.store.find(runId);
  if (now === null) return null;
  if (now.version !== version) return slice;
  const data: Slice['data'] = new Map();
  return { ...mergeSlice(slice, { ...whole, data }), whole: whole.whole, strays };
}
