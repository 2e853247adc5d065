import { type TaskPayloads } from '@joinery/contract';
import { type DataField, type Json, type RunId, type TaskKey, type TaskRow } from '@joinery/core';
import { type Engine } from '../engine.ts';

/** Payloads are read so many at a time: one reply of Redis stays small. */
const CHUNK = 250;

/** Inputs and outputs of the current attempts of these rows. Not one moment: what is under way moves on meanwhile. */
export async function readPayloads(
  { store }: Pick<Engine, 'store'>,
  runId: RunId,
  rows: readonly Pick<TaskRow, 'key'>[],
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
