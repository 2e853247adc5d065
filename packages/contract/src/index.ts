// Runs and tasks as Conductor shows them
export { conductorTaskIdOf, parseConductorTaskId, type TaskAttempt } from './conductor-task-id.ts';
export { conductorTaskOf, type ConductorTask, type TaskView } from './conductor-task.ts';
export {
  conductorTasksOf,
  conductorWorkflowOf,
  type ConductorWorkflow,
  type RunView,
  type TaskPayloads,
} from './conductor-workflow.ts';
export {
  type BlockingTask,
  RETURN_STRATEGIES,
  type ReturnStrategy,
  type RunProgress,
  workflowRunOf,
} from './workflow-run.ts';
export {
  type SearchResult,
  type TaskSummary,
  taskSummaryOf,
  type WorkflowSummary,
  workflowSummaryOf,
} from './workflow-summary.ts';
export { runQueryOf, type SearchText } from './search/run-query-of.ts';
export { taskSearchOf, type TaskSearch } from './search/task-search.ts';

// What clients send
export { startRequestOf, type StartFields } from './start-request.ts';
export {
  IDEMPOTENCY_STRATEGIES,
  parseStartWorkflowRequest,
  startWorkflowRequestSchema,
  type StartWorkflowRequest,
} from './start-workflow-request.ts';
export {
  type ConductorTaskResult,
  reasonOf,
  TASK_RESULT_STATUSES,
  taskLogSchema,
  taskResultSchema,
  type TaskResultStatus,
} from './task-result.ts';

// Schedules
export {
  scheduleExecutionOf,
  type ScheduleExecution,
  type ScheduleOutcome,
  workflowScheduleOf,
  type WorkflowSchedule,
  workflowScheduleSchema,
  type WrittenSchedule,
  writtenScheduleOf,
} from './workflow-schedule.ts';

// What they are answered
export { BULK_STARTS_LIMIT, bulkStartSchema, type BulkStartResult } from './bulk-start.ts';
export { type BulkResponse, bulkIdsSchema, bulkResponseOf } from './bulk-response.ts';
export {
  type ConductorError,
  conductorMessageOf,
  VALIDATION_MESSAGE,
  type ValidationError,
} from './conductor-error.ts';

// Events
export {
  type EventAction,
  type EventHandler,
  eventHandlerSchema,
  parseEventHandler,
} from './event-handler.ts';

// Tags and schemas
export { type ConductorTag, TAGS_LIMIT, tagSchema, withoutTags, withTags } from './tag.ts';
export { type SchemaDef, schemaDefSchema } from './schema-def.ts';
