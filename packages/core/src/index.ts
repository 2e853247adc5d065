// Runs: the records, rows, commands and events that decisions are made of.
export {
  SIZE_LIMITS,
  type SizeLimits,
  type SizeName,
  type SizePolicy,
  sizesOf,
} from './decide/size-limit.ts';
export {
  type CallCount,
  type Admission,
  admitCall,
  circuitPhase,
  type CircuitPhase,
  type CircuitState,
  type EndedCall,
  giveBackProbe,
  newCircuit,
  noteCalls,
  type Probe,
  renewProbes,
  resetCircuit,
} from './circuit/circuit-state.ts';
export {
  type CircuitBreakerDef,
  circuitOf,
  type CircuitSettings,
  type OpenPolicy,
  type TaskCircuit,
} from './circuit/circuit-settings.ts';
export { isJsonObject, type Json, type JsonObject } from './run/json.ts';
export {
  iterationsOf,
  parseRunId,
  parseTaskKey,
  parseTaskId,
  partitionFor,
  partitionOf,
  refOf,
  runIdOf,
  taskIdOf,
  taskKeyOf,
  type RunId,
  type TaskId,
  type TaskKey,
} from './run/ids.ts';
export {
  isSuccessfulTask,
  isTerminalRun,
  isTerminalTask,
  RUN_STATUSES,
  TASK_STATUSES,
  type EndStatus,
  type OutcomeStatus,
  type ResultStatus,
  type RunStatus,
  type TaskStatus,
} from './run/status.ts';
export { isGated, type TaskLimits, type TaskRow, workerTypeOf } from './run/task-row.ts';
export { visibleRows } from './run/visible-rows.ts';
export { parseTimer, TIMER_KINDS, timerOf, type TimerId, type TimerKind } from './run/timer.ts';
export {
  letterIdOf,
  type CancelChildLetter,
  type DispatchLetter,
  type Letter,
  type NotifyParentLetter,
  type EventLetter,
  type RunLetter,
  type StartChildLetter,
  type StartFailureRunLetter,
  type StartRunLetter,
} from './run/letter.ts';
export type {
  Operation,
  PlainOperation,
  ReopenOperation,
  RerunOperation,
  RestartOperation,
  RetryOperation,
  SetVariablesOperation,
  SkipOperation,
  TouchOperation,
  UpdateTaskOperation,
} from './run/operation.ts';
export type { Closing, ParentLink, Reset, RunPatch, RunState } from './run/run-state.ts';
export {
  REPAIR_KINDS,
  type HistoryEvent,
  type RecordedEvent,
  type RepairKind,
} from './run/history-event.ts';
export type { Command, DataField } from './run/command.ts';
export type { Evaluation, EvaluationResult, ScriptLanguage } from './run/evaluation.ts';
export type { Needs, OpenPage, Slice, StrayChild, Watch } from './run/slice.ts';

// errors
export {
  errorCatalogue,
  type ErrorCategory,
  type ErrorCode,
  type ErrorEntry,
} from './errors/error-catalogue.ts';
export { renderErrorPage } from './errors/error-page.ts';
export {
  errorMessage,
  isJoineryError,
  joineryError,
  JoineryError,
  type ErrorDetails,
} from './errors/joinery-error.ts';

// expressions
export {
  evaluateTemplate,
  renderTemplate,
  type ExpressionError,
  type RenderBounds,
  type Rendered,
  type RootAnswer,
  type RootLookup,
} from './expressions/evaluate.ts';
export { revealSecrets, type Revealed, type SecretLookup } from './expressions/reveal-secrets.ts';
export { measureJson, type JsonBounds, type JsonMeasure } from './expressions/measure-json.ts';
export {
  distinctReads,
  parseTemplate,
  TEMPLATE_BOUNDS,
  templateReads,
  type CompiledTemplate,
  type ParsedTemplate,
  type TemplateNode,
} from './expressions/template.ts';
export type { Read } from './expressions/text-expression.ts';

// Decisions.
export { decide } from './decide/decide.ts';
export type {
  DecideEvent,
  DecideInput,
  DecideResult,
  Decision,
  RefusalCode,
} from './decide/decision.ts';
export { initialSlice, type RunSeed } from './decide/slices/initial-slice.ts';
export { mergeSlice } from './decide/slices/merge-slice.ts';
export { requestedRunOf } from './decide/runs/request-run.ts';
export { isWaiting } from './decide/operations/touch-run.ts';

// definitions
export type { DefinitionProblem } from './definition/definition-problem.ts';
export { schemaEvaluation } from './decide/attempts/check-schema.ts';
export { sinkProblem } from './definition/event-sink.ts';
export { isEndedFromOutside, isOperatorType, refusalOfType } from './definition/operator-types.ts';
export { parseWorkflowDef } from './definition/parse-workflow-def.ts';
export {
  parseTaskDef,
  type Auditable,
  type RetryLogic,
  type SchemaDef,
  type TaskDef,
  type TimeoutPolicy,
} from './definition/task-def.ts';
export { parseWaitDuration, parseWaitUntil } from './definition/wait-duration.ts';
export type { WorkflowDef } from './definition/workflow-def.ts';
export {
  parseWorkflowTask,
  type ParsedWorkflowTask,
  type SubWorkflowParams,
  type WorkflowTask,
} from './definition/workflow-task.ts';

// plans
export { compilePlan } from './plan/compile-plan.ts';
export { continuationOf, type Continuation } from './plan/continuation.ts';
export type { TaskDefs } from './plan/default-task-def.ts';
export { type Domains, domainsOf, typeInDomain } from './run/domains.ts';
export type { DynamicBranch, Frame, Plan, PlanNode } from './plan/plan.ts';
export { randomFrom } from './plan/random.ts';
export {
  retryDelayMs,
  retryPolicyOf,
  type FailedAttempt,
  type RetryPolicy,
} from './plan/retry-policy.ts';

// schedules
export {
  BACKFILL_LIMIT,
  decideBackfill,
  planBackfill,
  type Backfill,
  type BackfillRange,
  type BackfillState,
  type BackfillStep,
} from './schedule/backfill.ts';
export {
  afterFiring,
  decideFiring,
  sessionOf,
  type FiringDecision,
  type SkipReason,
} from './schedule/decide-firing.ts';
export { PERIODS, type Period } from './schedule/period.ts';
export {
  MISSED_POLICIES,
  parseSchedule,
  type MissedPolicy,
  type Schedule,
  type ScheduledStart,
  type ScheduleTiming,
} from './schedule/schedule.ts';
export {
  changeSchedule,
  previewFirings,
  scheduleDueAt,
  type PlannedFiring,
  type ScheduleChange,
  type ScheduleState,
} from './schedule/schedule-state.ts';
export {
  renderInput,
  SESSION_VARIABLES,
  sessionVariables,
  type Session,
} from './schedule/session-variables.ts';
export { cronProblem, type Firing, type Trigger } from './schedule/trigger.ts';
// searching
export { runEntryOf, type RunEntry } from './search/run-entry.ts';
export {
  compareRuns,
  matchesRun,
  type RunCondition,
  type RunField,
  type RunOrder,
  type RunQuery,
} from './search/run-query.ts';
