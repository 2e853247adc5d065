export {
  createScheduler,
  startHandlersOf,
  type SchedulerOptions,
  type StartConsumer,
  type StartHandlers,
} from './scheduler.ts';
