import { createEngine, type Engine, registerDefinition, startRun } from '@joinery/engine';
import { createInMemoryJobQueue } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryStore,
  type DefinitionStore,
} from '@joinery/store';
import { type Json } from '@joinery/core';
import { createRecordingLogger } from '@joinery/kit';
import { Dice } from './dice.ts';
import { type PooledDefinition } from './definition-pool.ts';
import { CHILD_DEFINITIONS } from '../definitions/child-definitions.ts';
import { createSimEntropy } from './sim-entropy.ts';
import { simEvaluator } from './sim-evaluator.ts';
import { SimNudges } from './sim-nudges.ts';
import { type Scenario } from './scenario.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Parsed definitions and compiled plans: what a process that has been up for a while has in memory. */
export type WarmMemories = Pick<Engine, 'plans' | 'prepared'>;

interface Warm {
  readonly memories: WarmMemories;
  /** The definitions as they are registered, by name. */
  readonly contents: ReadonlyMap<string, Json>;
}

const warm = new WeakMap<PooledDefinition, Warm>();

/**
 * Registers a scenario's definition. Compiling it anew in each process of each simulation would take most of the time:
 * what is made of it is made once, by an engine of its own.
 */
export async function registerWarm(
  { definition }: Scenario,
  definitions: DefinitionStore,
): Promise<void> {
  const known = warm.get(definition) ?? (await warmUp(definition));
  warm.set(definition, known);
  for (const [name, content] of known.contents) await definitions.putWorkflow(name, 1, content);
}

async function warmUp(pooled: PooledDefinition): Promise<Warm> {
  const clock = new VirtualClock();
  const definitions = createMemoryDefinitionStore();
  const engine = createEngine(
    {
      store: createMemoryStore({ partitions: 1, now: () => clock.now() }),
      definitions,
      queue: createInMemoryJobQueue({ clock }),
      nudges: new SimNudges(),
      locks: 'fused',
      clock,
      entropy: createSimEntropy(new Dice(0)),
      logger: createRecordingLogger(),
      evaluator: simEvaluator,
      processId: 'warm-up',
    },
    { after: () => () => undefined },
  );
  const contents = new Map<string, Json>();
  // Children first: what is started may start them at once.
  for (const definition of [...(pooled.hasChildren ? CHILD_DEFINITIONS : []), pooled.definition]) {
    const { name } = await registerDefinition(engine, definition);
    await startRun(engine, { name, input: pooled.input });
    contents.set(name, (await definitions.getWorkflow(name)) ?? null);
  }
  return { memories: { plans: engine.plans, prepared: engine.prepared }, contents };
}

/** The memories with which a process of this scenario begins; none when it is to begin cold. */
export function warmMemories({ definition, isCold }: Scenario): Partial<WarmMemories> {
  return (isCold ? undefined : warm.get(definition)?.memories) ?? {};
}
