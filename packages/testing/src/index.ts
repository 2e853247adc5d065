export { eventually, type EventuallyOptions } from './eventually.ts';
export { freePort } from './free-port.ts';
export { openLedger, type Ledger, type LedgerEntry, type LedgerKey } from './ledger.ts';
export { measured } from './measured.ts';
export { startRedis, type RedisServer, type StartRedisOptions } from './redis-server.ts';
export { lyingLocks, testLocks } from './chaos/test-lock.ts';

// Workloads whose results can be computed without an engine
export {
  chain,
  crazyNestedForkJoin,
  dynamicFork,
  tree,
  wideFork,
} from './workloads/known-workloads.ts';
export { composeWorkload, type ForkPiece, type Piece } from './workloads/compose-workload.ts';
export {
  expectedValues,
  STEP_TASK,
  type StepInput,
  stepInputSchema,
  stepValue,
  type Workload,
} from './workloads/workload.ts';

// The judge of histories
export {
  type Breach,
  type Case,
  checkHistory,
  type HistoryVerdict,
  type Rule,
} from './history/check-history.ts';
export {
  type CommitNote,
  expectCompleted,
  type Expectation,
  readEvidence,
  type RunEvidence,
  type Witnesses,
} from './history/evidence.ts';

// Random definitions, and what their runs must come to
export {
  arbitraryDefinition,
  type DefinitionOptions,
  type GeneratedDefinition,
} from './definitions/arbitrary-definition.ts';
export {
  childStatusOf,
  type Outcome,
  type OutcomeOdds,
  type OutcomeScript,
  outcomeScript,
} from './definitions/outcome-script.ts';
export { arbitraryShapes, type ShapeOptions, type TaskShape } from './definitions/task-shape.ts';
export { DOUBLING, writeDefinition } from './definitions/write-definition.ts';
export { type ExpectedRun, expectedRun, type ExpectedTask } from './reference-model.ts';
export { disagreement, type EndedRun } from './compare-run.ts';
