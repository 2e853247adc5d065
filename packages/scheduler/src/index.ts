export {
  createScheduler,
  startHandlersOf,
  type SchedulerOptions,
  type StartConsumer,
  type StartHandlers,
} from './scheduler.ts';
export { type DueRunnerOptions } from './due-runner.ts';
export {
  createCircuitKeeper,
  createReplayRunner,
  createScheduleRunner,
} from './schedule-runner.ts';
