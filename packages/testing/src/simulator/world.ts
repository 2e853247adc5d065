/*
 * What the processes of a simulation share, and who lives in it.
 * Ownership: one simulation owns its world; processes come and go.
 */
import { type DecideLocks } from '@joinery/engine';
import { createInMemoryJobQueue, type InMemoryJobQueue, type TaskJob } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryGates,
  type DefinitionStore,
  type Gates,
  type RunSnapshot,
} from '@joinery/store';
import { type RunId } from '@joinery/core';
import { type OutcomeScript, outcomeScript } from '../definitions/outcome-script.ts';
import { CallBoard, type Party } from './call-board.ts';
import { Dice } from './dice.ts';
import { refOf } from './invariants/task-order.ts';
import { SystemWatch } from './invariants/system-watch.ts';
import { createPartitionedStore, type PartitionedStore } from './partitioned-store.ts';
import { RunCases } from './run-cases.ts';
import { type Scenario } from './scenario.ts';
import { type SeededBug } from '../seeded-bugs/seeded-bug.ts';
import { createSimLocks } from './sim-locks.ts';
import { SimNudges } from './sim-nudges.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Everything that is not a process. */
export interface World {
  readonly scenario: Scenario;
  readonly dice: Dice;
  readonly clock: VirtualClock;
  readonly board: CallBoard;
  readonly store: PartitionedStore;
  readonly definitions: DefinitionStore;
  readonly queue: InMemoryJobQueue;
  readonly queueFaults: QueueFaults;
  /** Of every worker task in the definition. */
  readonly taskTypes: readonly string[];
  readonly nudges: SimNudges;
  readonly gates: Gates;
  readonly locks: DecideLocks | 'fused';
  readonly watch: SystemWatch;
  /** How the workers of a run behave, by the keys of its tasks. */
  readonly scriptOf: (runId: RunId) => OutcomeScript;
  readonly bug: SeededBug | null;
  /** Workers that take a task of this type are never heard of again. */
  readonly deadlyType: string | null;
  /** Processes that die before anything else happens. */
  readonly dying: Set<Party>;
  /** Starts that have been acknowledged, by their number. */
  readonly acknowledged: Set<number>;
  /** How many of the planned operations are over. */
  readonly carriedOut: { count: number };
  /** What belongs to no process: restarts, the queue's own recovery. */
  readonly nobody: Party;
}

/** What the next job and the next take are to suffer. */
export interface QueueFaults {
  nextDeliveries: number;
  isReordered: boolean;
}

/** An empty world. */
export function createWorld(scenario: Scenario, bug: SeededBug | null): World {
  const dice = new Dice(scenario.orderSeed);
  const clock = new VirtualClock();
  const now = (): number => clock.now();
  const { partitions, faults, lock, failures, family, seed } = scenario;
  const isLogged = faults.some(({ kind }) => kind === 'power-cut');
  const store = createPartitionedStore({ partitions, now, isLogged });
  const queueFaults: QueueFaults = { nextDeliveries: 1, isReordered: false };
  const chance = dice.fork('queue');
  const queue = createInMemoryJobQueue({
    clock,
    faults: {
      deliveries: (_job: TaskJob) => {
        const count = queueFaults.nextDeliveries;
        queueFaults.nextDeliveries = 1;
        return count;
      },
      pick: (count) => {
        const index = queueFaults.isReordered && count > 1 ? chance.below(count) : 0;
        queueFaults.isReordered = false;
        return index;
      },
    },
  });
  const silent = family === 'timed' ? 18 : 0;
  const odds = { failed: failures, hopeless: failures > 0 ? 2 : 0, silent };
  const deadlyType = deadlyTypeOf(scenario);
  const script = withDeadly(outcomeScript(seed, odds), deadlyType);
  const peek = (runId: RunId): RunSnapshot | null => store.peek(runId);
  const cases = new RunCases({ scenario, script, peek });
  const watch = new SystemWatch(peek, (run) => cases.of(run));
  return {
    scenario,
    dice,
    clock,
    board: new CallBoard(),
    store,
    definitions: createMemoryDefinitionStore(),
    queue,
    queueFaults,
    taskTypes: scenario.definition.taskTypes,
    nudges: new SimNudges(),
    gates: createMemoryGates({ now }),
    locks: lock === 'fused' ? 'fused' : createSimLocks(lock, now),
    watch,
    scriptOf: (runId) => cases.scriptOf(runId),
    bug,
    deadlyType,
    dying: new Set(),
    acknowledged: new Set(),
    carriedOut: { count: 0 },
    nobody: { name: 'nobody', pausedUntil: 0 },
  };
}

function deadlyTypeOf({ illness, definition, orderSeed }: Scenario): string | null {
  const { taskTypes } = definition;
  return illness === 'deadly-task' ? (taskTypes[orderSeed % taskTypes.length] ?? null) : null;
}

/** The type of a task, from its key behind the names of the attempts whose children it is part of. */
function typeOf(address: string): string {
  return refOf(address.slice(address.lastIndexOf('/') + 1));
}

/** An attempt that ends every worker is failed for good. Tasks of generated definitions are named like their type. */
function withDeadly(script: OutcomeScript, deadlyType: string | null): OutcomeScript {
  if (deadlyType === null) return script;
  const lost = { status: 'FAILED_WITH_TERMINAL_ERROR', output: {} } as const;
  return (key, attempt) => (typeOf(key) === deadlyType ? lost : script(key, attempt));
}
