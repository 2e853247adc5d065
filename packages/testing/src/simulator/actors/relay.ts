import { relayUnsent } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

/** As in production: how often outboxes are looked through. */
const EVERY_MS = 200;

/** Relays what is left over in the outboxes of all partitions. */
export async function relay(process: SimProcess): Promise<void> {
  const { scenario, watch } = process.world;
  const { partitions } = scenario;
  for (;;) {
    // Passes before a letter is late find nothing, and are left out.
    await process.sleep(EVERY_MS, () => watch.firstUnsent() + EVERY_MS);
    for (let partition = 0; partition < partitions; partition += 1) {
      await process.attempt(async () => void (await relayUnsent(process.engine, partition)));
    }
  }
}
