import { type RunView } from '@joinery/contract';
import { joineryError, type RunState, visibleRows } from '@joinery/core';
import { type Engine, readPayloads } from '@joinery/engine';
import { runIdOfPath } from './request-value.ts';

/** The run of a path, or JN_RUN_NOT_FOUND. */
export async function findRun({ store }: Pick<Engine, 'store'>, id: string): Promise<RunState> {
  const runId = runIdOfPath(id);
  const run = await store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  return run;
}

/** A run with everything that Conductor shows of it. Not one moment: what is under way moves on meanwhile. */
export async function viewRun(
  engine: Pick<Engine, 'store' | 'definitions'>,
  id: string,
  { withTasks = true }: { readonly withTasks?: boolean } = {},
): Promise<RunView> {
  const run = await findRun(engine, id);
  const { store, definitions } = engine;
  const [stored, input, output, variables, pinned] = await Promise.all([
    withTasks ? store.rows(run.id) : [],
    store.payload(run.id, 'run:input'),
    store.payload(run.id, 'run:output'),
    store.payload(run.id, 'run:variables'),
    definitions.getPinned(run.planId),
  ]);
  const rows = visibleRows(stored);
  const payloads = await readPayloads(engine, run.id, rows);
  const definition = pinned === null ? {} : { definition: pinned.definition };
  return { run, rows, input, output, variables, payloads, ...definition };
}
