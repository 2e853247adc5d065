export {
  createWorker,
  type Worker,
  type WorkerOptions,
  type WorkerSettings,
} from './create-worker.ts';
export { defineTask, isTask, type Task, type TaskSpec } from './define-task.ts';
export { echoTask } from './echo-task.ts';
export { httpTask, type HttpTaskOptions } from './http/http-task.ts';
export { loadTasks, type LoadTasksOptions } from './load-tasks.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts';
export { type InterruptCause, InterruptedError, type TaskContext } from './task-context.ts';
export {
  RetryableError,
  type RetryableErrorOptions,
  TerminalError,
  type TerminalErrorOptions,
} from './task-errors.ts';
export type { JobFlow, JobVerdict, OpenJobFlow, WorkerPorts, WorkerVerbs } from './worker-ports.ts';
export { defaultTimings, type WorkerTimings } from './worker-timings.ts';
export { type EngineWorkerParts, portsOfEngine } from './ports-of-engine.ts';
export type { RedisAddress } from './redis-ports.ts';
