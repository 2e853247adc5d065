import { type Engine, type OpenEngine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { type Config, type Service } from '@joinery/kit';
import { createScheduler, createScheduleRunner } from '@joinery/scheduler';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, defineTask, portsOfEngine, type Task } from '@joinery/worker';
import { type Ledger, openLedger } from '../ledger.ts';
import { ECHO_TASK, queueTaskOf } from '../workloads/workload.ts';
import { harmfulTask } from './harmful-task.ts';
import { type Role, type RoleSettings } from './role-messages.ts';
import { scriptedTask } from './scripted-task.ts';
import { ledgerKeyOf, stepTask } from './step-task.ts';

/** What a role process has for its services. */
export interface RoleParts {
  readonly engine: Engine;
  readonly agenda: OpenEngine['agenda'];
  readonly connect: OpenEngine['connect'];
  /** Called when a step has begun. */
  readonly onBegin: () => Promise<void>;
  readonly settings: RoleSettings;
  readonly config: Config;
}

/** The services of a role, as the product makes them. */
export function createRoleServices(role: Role, parts: RoleParts): readonly Service[] {
  const { engine, agenda, connect, config } = parts;
  switch (role) {
    case 'coordinator':
      return [createJoinCoordinator(engine, { concurrency: config.coordinator.concurrency })];
    case 'scheduler':
      return [createScheduler(engine), createScheduleRunner({ engine, agenda })];
    case 'sweeper': {
      const { intervalMs, batch } = config.sweeper;
      return [createSweeper(engine, { intervalMs, batch })];
    }
    case 'worker': {
      const { claimLeaseMs, beatEveryMs } = config.worker;
      const { lockDurationMs, stalledIntervalMs } = config.queue;
      const { drainTimeoutMs } = config.shutdown;
      const worker = createWorker({
        tasks: tasksOf(parts),
        ports: portsOfEngine({ engine, connect, lockDurationMs, stalledIntervalMs }),
        timings: { claimLeaseMs, beatEveryMs, drainTimeoutMs },
        logger: engine.logger,
      });
      return [worker];
    }
  }
}

function tasksOf({ settings, onBegin }: RoleParts): readonly Task[] {
  const { ledger, stepMs, stepConcurrency: concurrency, otherTasks, queueCount } = settings;
  const [least, most] = stepMs;
  const durationMs = (): number => least + Math.random() * (most - least);
  const book = openLedger(ledger);
  const options = { ledger: book, durationMs, onBegin };
  const others = otherTasks ? [echoInBook(book), scriptedTask(book), harmfulTask()] : [];
  const queued = Array.from({ length: queueCount }, (_, index) =>
    stepTask({ ...options, type: queueTaskOf(index), concurrency: 1 }),
  );
  return [stepTask({ ...options, concurrency }), ...others, ...queued];
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
