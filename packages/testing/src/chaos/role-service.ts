import { type Engine, type OpenEngine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { type Config, type Service } from '@joinery/kit';
import { createScheduler } from '@joinery/scheduler';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, defineTask, portsOfEngine, type Task } from '@joinery/worker';
import { type Ledger, openLedger } from '../ledger.ts';
import { ECHO_TASK } from '../workloads/workload.ts';
import { harmfulTask } from './harmful-task.ts';
import { type Role, type RoleSettings } from './role-messages.ts';
import { ledgerKeyOf, stepTask } from './step-task.ts';

/** What a role process has for its service. */
export interface RoleParts {
  readonly engine: Engine;
  readonly connect: OpenEngine['connect'];
  /** Called when a step has begun. */
  readonly onBegin: () => Promise<void>;
  readonly settings: RoleSettings;
  readonly config: Config;
}

/** The service of a role, as the product makes it. */
export function createRoleService(role: Role, parts: RoleParts): Service {
  const { engine, connect, config } = parts;
  switch (role) {
    case 'coordinator':
      return createJoinCoordinator(engine, { concurrency: config.coordinator.concurrency });
    case 'scheduler':
      return createScheduler(engine);
    case 'sweeper':
      return createSweeper(engine, {
        intervalMs: config.sweeper.intervalMs,
        batch: config.sweeper.batch,
      });
    case 'worker': {
      const { claimLeaseMs, beatEveryMs } = config.worker;
      const { lockDurationMs, stalledIntervalMs } = config.queue;
      return createWorker({
        tasks: tasksOf(parts),
        ports: portsOfEngine({ engine, connect, lockDurationMs, stalledIntervalMs }),
        timings: { claimLeaseMs, beatEveryMs, drainTimeoutMs: config.shutdown.drainTimeoutMs },
        logger: engine.logger,
      });
    }
  }
}

function tasksOf({ settings, onBegin }: RoleParts): readonly Task[] {
  const { ledger, stepMs, stepConcurrency: concurrency, otherTasks } = settings;
  const [least, most] = stepMs;
  const durationMs = (): number => least + Math.random() * (most - least);
  const book = openLedger(ledger);
  const step = stepTask({ ledger: book, concurrency, durationMs, onBegin });
  return otherTasks ? [step, echoInBook(book), harmfulTask()] : [step];
}

/** Answers with its input, and writes down that it did. */
function echoInBook(ledger: Ledger): Task {
  return defineTask({
    type: ECHO_TASK,
    run: (input, ctx) => {
      const key = ledgerKeyOf(ctx);
      ledger.begin(key);
      ledger.end(key);
      return input;
    },
  });
}
