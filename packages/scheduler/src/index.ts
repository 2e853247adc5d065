export {
  createScheduler,
  startHandlersOf,
  type SchedulerOptions,
  type StartConsumer,
  type StartHandlers,
} from './scheduler.ts';
export { createScheduleRunner, type ScheduleRunnerOptions } from './schedule-runner.ts';
