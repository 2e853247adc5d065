import { startRun } from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

/** Starts the runs of the scenario, each under a key of its own, until each is acknowledged. */
export async function produce(process: SimProcess): Promise<void> {
  const { scenario, acknowledged } = process.world;
  const { definition, runs } = scenario;
  for (let index = 0; index < runs; index += 1) {
    while (!acknowledged.has(index)) {
      await process.attempt(async () => {
        await startRun(process.engine, {
          name: definition.parsed.name,
          input: definition.input,
          idempotencyKey: `start-${index}`,
        });
        acknowledged.add(index);
      });
    }
  }
}
