import { type RunView, type TaskPayloads } from '@joinery/contract';
import {
  type DataField,
  type Json,
  joineryError,
  type RunId,
  type RunState,
  type TaskKey,
  type TaskRow,
} from '@joinery/core';
import { type Engine } from '@joinery/engine';
import { runIdOfPath } from './request-value.ts';

/** Payloads are read so many at a time: one reply of Redis stays small. */
const CHUNK = 250;

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
  const [rows, input, output, variables, pinned] = await Promise.all([
    withTasks ? store.rows(run.id) : [],
    store.payload(run.id, 'run:input'),
    store.payload(run.id, 'run:output'),
    store.payload(run.id, 'run:variables'),
    definitions.getPinned(run.planId),
  ]);
  const payloads = await readPayloads(engine, run.id, rows);
  const definition = pinned === null ? {} : { definition: pinned.definition };
  return { run, rows, input, output, variables, payloads, ...definition };
}

/** Inputs and outputs of the current attempts of these rows. */
export async function readPayloads(
  { store }: Pick<Engine, 'store'>,
  runId: RunId,
  rows: readonly TaskRow[],
): Promise<ReadonlyMap<TaskKey, TaskPayloads>> {
  const keys = [...new Set(rows.map(({ key }) => key))];
  const payloads = new Map<TaskKey, TaskPayloads>();
  for (let from = 0; from < keys.length; from += CHUNK) {
    const chunk = keys.slice(from, from + CHUNK);
    const fields = chunk.flatMap((key): DataField[] => [`i:${key}`, `o:${key}`]);
    const read = await store.read(runId, { rows: [], data: fields, arrivals: [] });
    const data = read?.data ?? new Map<DataField, Json | null>();
    for (const key of chunk) {
      const [input, output] = [data.get(`i:${key}`) ?? null, data.get(`o:${key}`) ?? null];
      payloads.set(key, { input, output });
    }
  }
  return payloads;
}
