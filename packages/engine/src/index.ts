export { createEngine, type Engine } from './engine.ts';
export {
  type DecideLock,
  type DecideLocks,
  type EnginePorts,
  type EventPorts,
  type Evaluator,
} from './engine-ports.ts';
export { defaultEngineTunables, type EngineTunables } from './engine-tunables.ts';
export { CRASH_POINTS, type CrashPoint } from './crash-point.ts';
export { registerDefinition, registerTaskDefinition } from './definitions/register-definition.ts';
export {
  IDEMPOTENCY_STRATEGIES,
  newRunId,
  type IdempotencyStrategy,
  type StartedRun,
  type StartRequest,
} from './starts/create-run.ts';
export { startRun } from './starts/start-run.ts';
export { startRuns, type StartOutcome } from './starts/start-runs.ts';
export { type AddressedLetter } from './letters/addressed-letter.ts';
export { relayLetters } from './letters/relay-letters.ts';
export { relayUnsent } from './letters/relay-unsent.ts';
export {
  claimTask,
  type ClaimedTask,
  type ClaimOutcome,
  type ClaimRequest,
} from './tasks/claim-task.ts';
export { completeTask, type Completion, type Holding } from './tasks/complete-task.ts';
export { nudge } from './letters/nudge.ts';
export { type TaskResult } from './tasks/store-result.ts';
export { type GoOn } from './tasks/go-on.ts';
export { revealInput } from './tasks/reveal-input.ts';
export { beatClaims, type ClaimBeat } from './tasks/beat-claims.ts';
export { leaveGate } from './gates/leave-gate.ts';
export { advanceGates } from './gates/advance-gates.ts';
export { handBackTask, type HandBack } from './tasks/hand-back-task.ts';
export { readPayloads } from './decisions/read-payloads.ts';
export { decideRun } from './decisions/decide-run.ts';
export { type DecideOutcome } from './decisions/decide-outcome.ts';
export { handleEvents } from './events/handle-events.ts';
export { operateRun } from './operations/operate-run.ts';
export { type OperateRequest } from './operations/operate-on-run.ts';
export { restartRun, type RestartRequest } from './starts/restart-run.ts';
export { removeRun } from './operations/remove-run.ts';
export { resetCallbacks } from './operations/reset-callbacks.ts';
export { signalRun, type Signaled, type SignalRequest } from './operations/signal-run.ts';
export { lookAtRuns, type LookReport } from './looks/look-at-runs.ts';
export { repairRun, type Repair, type RepairOptions } from './looks/repair-run.ts';
export {
  ORPHAN_GRACE_MS,
  repairQueue,
  type QueuePosition,
  type QueueReport,
  type RepairQueueOptions,
} from './looks/repair-queue.ts';
export {
  explainRun,
  type RunExplanation,
  type TaskExplanation,
  type TaskWait,
} from './looks/explain-run.ts';
export { indexMoved, type IndexPorts, type IndexReport } from './search/index-runs.ts';
export { auditIndex, type AuditPosition, type AuditReport } from './search/audit-index.ts';
export { IndexKeeper } from './search/index-keeper.ts';
export { rebuildIndex } from './search/rebuild-index.ts';
export {
  listRunsAfter,
  LOOK_LIMIT,
  searchRuns,
  type FoundRuns,
  type ListedRuns,
} from './search/search-runs.ts';
export { createFleetBeat, type FleetBeatOptions } from './looks/fleet-beat.ts';
export {
  openEngine,
  TUNABLE_NAMES,
  type OpenEngine,
  type OpenEngineOptions,
} from './open-engine.ts';

// Schedules
export { type Scheduling } from './schedules/agenda-ports.ts';
export { backfillSchedule, getBackfill, previewBackfill } from './schedules/backfill-schedule.ts';
export { fireSchedules } from './schedules/fire-schedules.ts';
export {
  getSchedule,
  listSchedules,
  nextFirings,
  pauseSchedule,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleEvents,
} from './schedules/operate-schedule.ts';
export { type ScheduleEvent } from './schedules/schedule-event.ts';

// Dead letters
export { buryDead, type BuryPorts } from './dead-letters/bury-dead.ts';
export {
  type DeadCause,
  type DeadLetter,
  type DeadLetterEvent,
} from './dead-letters/dead-letter.ts';
export {
  discardDeadLetter,
  editDeadLetter,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  replayDeadLetters,
  type DeadLetterParts,
  type Hand,
} from './dead-letters/operate-dead-letter.ts';
export { replayDue } from './dead-letters/replay-due.ts';

// Documents and secrets
export {
  changeDocument,
  readDocument,
  type DocumentPlace,
  type DocumentPorts,
} from './documents/change-document.ts';
export { type SecretVault } from './secrets/secret-vault.ts';

// Circuit breakers
export { type CircuitEvent } from './circuits/circuit-entry.ts';
export { noteCall } from './circuits/note-call.ts';
export {
  type CircuitOperations,
  type CircuitView,
  forgetCircuits,
  getCircuit,
  listCircuits,
  resetCircuit,
} from './circuits/operate-circuit.ts';
export { gateOf } from './gates/gate-member.ts';
