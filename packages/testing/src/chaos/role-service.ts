import { type Engine, type OpenEngine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import { type Config, type Service } from '@joinery/kit';
import { createScheduler } from '@joinery/scheduler';
import { createSweeper } from '@joinery/sweeper';
import { createWorker, echoTask, portsOfEngine, type Task } from '@joinery/worker';
import { openLedger } from '../ledger.ts';
import { ECHO_TASK } from '../workloads/workload.ts';
import { harmfulTask } from './harmful-task.ts';
import { type Role, type RoleSettings } from './role-messages.ts';
import { stepTask } from './step-task.ts';

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
      return createJoinCoordinator(engine);
    case 'scheduler':
      return createScheduler(engine);
    case 'sweeper':
      return createSweeper(engine);
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
  const step = stepTask({ ledger: openLedger(ledger), concurrency, durationMs, onBegin });
  return otherTasks ? [step, echoTask(ECHO_TASK), harmfulTask()] : [step];
}
