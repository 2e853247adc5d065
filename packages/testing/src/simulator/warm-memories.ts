import { createEngine, type Engine, registerDefinition, startRun } from '@joinery/engine';
import { createInMemoryJobQueue } from '@joinery/queues';
import { createMemoryDefinitionStore, createMemoryStore } from '@joinery/store';
import { createRecordingLogger } from '@joinery/kit';
import { Dice } from './dice.ts';
import { type PooledDefinition } from './definition-pool.ts';
import { createSimEntropy } from './sim-entropy.ts';
import { SimNudges } from './sim-nudges.ts';
import { type Scenario } from './scenario.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Parsed definitions and compiled plans: what a process that has been up for a while has in memory. */
export type WarmMemories = Pick<Engine, 'plans' | 'prepared'>;

const memories = new WeakMap<PooledDefinition, WarmMemories>();

/** Makes the memories of each definition once: compiling it anew in each process would take most of the time. */
export async function warmUp({ definition }: Scenario): Promise<void> {
  if (memories.has(definition)) return;
  const clock = new VirtualClock();
  const engine = createEngine(
    {
      store: createMemoryStore({ partitions: 1, now: () => clock.now() }),
      definitions: createMemoryDefinitionStore(),
      queue: createInMemoryJobQueue({ clock }),
      nudges: new SimNudges(),
      locks: 'fused',
      clock,
      entropy: createSimEntropy(new Dice(0)),
      logger: createRecordingLogger(),
      processId: 'warm-up',
    },
    { after: () => () => undefined },
  );
  const { name } = await registerDefinition(engine, definition.definition);
  await startRun(engine, { name, input: definition.input });
  memories.set(definition, { plans: engine.plans, prepared: engine.prepared });
}

/** The memories with which a process of this scenario begins; none when it is to begin cold. */
export function warmMemories({ definition, isCold }: Scenario): Partial<WarmMemories> {
  return (isCold ? undefined : memories.get(definition)) ?? {};
}
