import { relayUnsent } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

/** As in production: how often outboxes are looked through. */
const EVERY_MS = 200;

/** Relays what is left over in the outboxes of all partitions. */
export async function relay(process: SimProcess): Promise<void> {
  const { partitions } = process.world.scenario;
  for (;;) {
    await process.sleep(EVERY_MS, () => firstUnsent(process) + EVERY_MS);
    for (let partition = 0; partition < partitions; partition += 1) {
      await process.attempt(async () => void (await relayUnsent(process.engine, partition)));
    }
  }
}

/** Passes before this moment find nothing: time may jump over them. */
function firstUnsent({ world: { store, watch } }: SimProcess): number {
  let first = Number.POSITIVE_INFINITY;
  for (const runId of watch.runIds) {
    const moments = Object.values(store.peek(runId)?.unsent ?? {});
    first = Math.min(first, ...moments);
  }
  return first;
}
