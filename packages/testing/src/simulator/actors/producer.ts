import { isJoineryError } from '@joinery/core';
import { startRun, type StartRequest } from '@joinery/engine';
import { startKeyOf } from '../scenario.ts';
import { type SimProcess } from '../sim-process.ts';

/** Starts the runs of the scenario, each under a key of its own, until each is acknowledged. */
export async function produce(process: SimProcess): Promise<void> {
  const { scenario, acknowledged } = process.world;
  const { definition, runs } = scenario;
  for (let index = 0; index < runs; index += 1) {
    while (!acknowledged.has(index)) {
      const isStrict = process.dice.chance(25);
      await process.attempt(async () => {
        await start(process, {
          name: definition.parsed.name,
          input: definition.input,
          idempotencyKey: startKeyOf(index),
          idempotencyStrategy: isStrict ? 'FAIL' : 'RETURN_EXISTING',
        });
        acknowledged.add(index);
      });
    }
  }
}

/** That the run is there already is an answer as well. */
async function start(process: SimProcess, request: StartRequest): Promise<void> {
  try {
    await startRun(process.engine, request);
  } catch (error) {
    if (!isJoineryError(error) || error.code !== 'JN_RUN_EXISTS') throw error;
  }
}
