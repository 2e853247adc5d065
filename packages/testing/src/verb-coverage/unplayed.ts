/** Why no simulation executes some of the verbs' writing branches, and what does. */
const WHY = {
  MALFORMED:
    'generated definitions and what their tasks yield are well-formed; the tests of the operator give it what is not',
  COMPENSATION: 'no generated definition compensates; compensation.test.ts of core and engine',
  FAILURE_RUN:
    'no generated definition has a failure workflow; failure-runs.test.ts of core and engine',
  RUN_TIMER:
    'no generated run or child has a time-out of its own, nor a bound over all attempts; retries-and-time-outs.test.ts',
  DIVERGED:
    'rows that have come apart: no fault of a simulation edits a row; reconcile.test.ts, repairs.full.test.ts on Redis',
  WIDE: 'more at once than a simulated run has; bounds.test.ts, L1 and L4 on processes',
  REQUESTS:
    'simulated operators give no new input, definition or correlation id; reset-run.test.ts, reopen-run.test.ts',
  EVENTS:
    'events go through a log of their own, which no simulation has; handle-events.test.ts, event.test.ts, on Redis as well',
  SIDE: 'writes no run in its own hand: what it starts goes through verbs that are played; tests beside the file and on Redis',
  PROCESS:
    'opens or closes a process, and writes no run; open-engine.integration.test.ts, check-epoch.integration.test.ts',
  QUEUE:
    'simulated queues leave no orphans for long enough; repair-queue.test.ts, repairs.full.test.ts on Redis',
  CALM: 'what a full evaluation does after 60 s of rest; generated waits are shorter; reconcile.test.ts',
  LATE: 'a timer that meets a task which has moved on meanwhile; retries-and-time-outs.test.ts, T5 on processes',
  POISON:
    'no simulation delivers one attempt 21 times to the end in this place; look-at-runs.test.ts, D1 on processes',
  ELSE: 'asked for by a server or a producer, which no simulation has; tests beside the file',
  CIRCUITS: 'no generated task has a circuit breaker; circuits.test.ts beside the files',
  GROUP: 'no generated sequence is tried again as a whole; retry-group.test.ts',
  SIZE: 'no simulated run outgrows its limits; size-limit.test.ts, size-watch.test.ts',
} as const;

/** Writing code that no simulation executes. */
export interface Unplayed {
  readonly why: string;
  /** Files, or folders with a slash at their end, of which nothing need be executed. */
  readonly places: readonly string[];
  /** The lines on which single branches begin, by their file. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
}

/** All of it: a branch that is neither executed nor named here fails a test, and so does one that is both. */
export const UNPLAYED: readonly Unplayed[] = [
  {
    why: WHY.MALFORMED,
    places: [],
    lines: {
      'core/src/decide/attempts/schedule-attempt.ts': [
        'if (input.ok) draft.putData(`i:${key}`, input.value);',
      ],
      'core/src/decide/attempts/settle-task.ts': [
        'function refuseOutput(draft: Draft, node: PlanNode, row: TaskRow): Steps {',
        'if (problem !== null) return refuseOutput(draft, node, { ...row, reason: problem });',
      ],
      'core/src/decide/ends/complete-run.ts': [
        "closeRun(draft, 'FAILED', `outputParameters: ${output.error.message}`);",
        "closeRun(draft, 'FAILED', problem);",
        "const advice = 'name what the run yields in its outputParameters';",
      ],
      'core/src/decide/joins/judge-join.ts': [
        'const reason = `${completed.length} of ${wanted} tasks have completed`;',
      ],
      'core/src/decide/operators/decision.ts': [
        'const { reason } = chosen;',
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
      ],
      'core/src/decide/operators/do-while.ts': [
        "if (typeof input === 'string') return failSystemTask(draft, node, input);",
        "if (typeof isOver === 'string') return endLoop(draft, row, 'FAILED_WITH_TERMINAL_ERROR', isOver);",
      ],
      'core/src/decide/operators/dynamic-fork.ts': [
        "const reason = `branch '${ref}' is a ${type}; it must be a worker task or a run`;",
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
        "if (typeof atOnce === 'string') return failSystemTask(draft, node, atOnce);",
        "if (typeof tasks === 'string') return failSystemTask(draft, node, tasks);",
        "return failSystemTask(draft, node, `the definition has a task '${ref}' already`);",
      ],
      'core/src/decide/operators/human.ts': [
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
      ],
      'core/src/decide/operators/noop.ts': [
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
      ],
      'core/src/decide/operators/script-task.ts': [
        'const shown = JSON.stringify(evaluatorType);',
        'const value = Object.hasOwn(parameters, expression)',
        'const { reason } = result;',
        'enter(draft, node) {',
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
        "return failSystemTask(draft, node, 'expression is no text');",
      ],
      'core/src/decide/operators/set-variable.ts': [
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
      ],
      'core/src/decide/operators/switch.ts': [
        'const { reason } = chosen;',
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
      ],
      'core/src/decide/operators/system-task.ts': [
        'export function failSystemTask(draft: Draft, node: PlanNode, reason: string): Steps {',
      ],
      'core/src/decide/operators/terminate.ts': [
        'if (!rendered.ok) return failSystemTask(draft, node, rendered.error.message);',
        "return failSystemTask(draft, node, `terminationStatus must be one of ${ENDS.join(', ')}`);",
      ],
      'core/src/decide/operators/wait.ts': [
        'if (!input.ok) return failSystemTask(draft, node, input.error.message);',
        "if (typeof delay === 'string') return failSystemTask(draft, node, delay);",
      ],
      'core/src/decide/take-steps.ts': ["const owner = row.origin?.fork ?? 'the definition';"],
      'engine/src/decisions/decide-once.ts': ["const reason = reasonOf('commit', error);"],
      'engine/src/decisions/decide-run.ts': [
        "if (loaded.type === 'impossible') return fail(engine, runId, loaded.reason);",
      ],
      'engine/src/letters/notify-parent.ts': [
        "const reason = reasonOf('output of the child', error);",
      ],
      'engine/src/starts/start-requested.ts': ['await storeResult(engine, {'],
      'engine/src/tasks/claim-task.ts': [
        "await failRun(engine, args.runId, reasonOf('claim', error));",
      ],
    },
  },
  {
    why: WHY.COMPENSATION,
    places: [],
    lines: {
      'core/src/decide/attempts/schedule-attempt.ts': [
        'export function attempted(attempts: Attempts): Operator {',
      ],
      'core/src/decide/attempts/settle-task.ts': [
        "if (node.frame.kind === 'compensation') return afterCompensation(draft, row);",
      ],
      'core/src/decide/continue-after.ts': [
        "if (next.type === 'compensation-end') return afterCompensation(draft, null);",
      ],
      'core/src/decide/ends/after-compensation.ts': [
        'export function afterCompensation(draft: Draft, failed: TaskRow | null): Steps {',
      ],
      'core/src/decide/ends/begin-compensating.ts': [
        'for (let from = 0; from < done.length; from += PAGE) {',
      ],
      'core/src/decide/ends/compensate.ts': [
        'export function compensateNext(draft: Draft): Steps {',
      ],
      'core/src/decide/ends/complete-run.ts': [
        "if (hasCompensations(draft.plan)) closeRun(draft, 'FAILED', reason, permissiveTask(draft));",
      ],
      'core/src/decide/reconcile.ts': [
        'function watchCompensation(draft: Draft, rows: readonly TaskRow[]): void {',
        'watchCompensation(draft, rows);',
      ],
      'core/src/decide/take-steps.ts': ["case 'compensate':"],
    },
  },
  {
    why: WHY.FAILURE_RUN,
    places: [],
    lines: {
      'core/src/decide/ends/request-failure-run.ts': [
        'const name = nameOf(draft, failureWorkflow);',
        'function noteInOutput(draft: Draft, text: string): void {',
      ],
      'engine/src/letters/deliver-letter.ts': ["case 'start-failure-run':"],
      'engine/src/letters/start-failure-run.ts': ['export async function startFailureRun('],
    },
  },
  {
    why: WHY.RUN_TIMER,
    places: [],
    lines: {
      'core/src/decide/attempts/fire-timer.ts': [
        "case 'total': {",
        'export function timeOutTotal(draft: Draft, row: TaskRow, def: TaskDef): void {',
        'fireRunTimer(draft);',
        'function fireRunTimer(draft: Draft): void {',
        'timeOut(draft, row, reason);',
      ],
      'core/src/decide/attempts/schedule-attempt.ts': [
        "if (earlier === null && totalMs > 0) draft.arm(timerOf('total', key), totalMs);",
      ],
      'core/src/decide/attempts/settle-task.ts': [
        'function endTotal(draft: Draft, node: PlanNode, row: TaskRow): Steps {',
        'if (draft.slice.due.includes(`total:${row.key}`)) return endTotal(draft, node, row);',
      ],
      'core/src/decide/decide.ts': [
        "if (definition.timeoutSeconds > 0) draft.arm('run', definition.timeoutSeconds * 1000);",
      ],
      'core/src/decide/operations/reopen-run.ts': [
        "if (timeoutSeconds > 0) draft.arm('run', timeoutSeconds * 1000);",
      ],
      'core/src/decide/runs/request-run.ts': [
        "if (row.timeoutMs > 0) draft.arm(timerOf('timeout', key), row.timeoutMs);",
      ],
    },
  },
  {
    why: WHY.DIVERGED,
    places: [],
    lines: {
      'core/src/decide/attempts/watch-row.ts': [
        "draft.repair('lost-successor', key);",
        "draft.repair('lost-timer', row.key);",
        "draft.repair('lost-timer', timer);",
        "draft.repair('wrong-count', row.key);",
      ],
      'core/src/decide/joins/judge-join.ts': [
        "if (row.type === 'EXCLUSIVE_JOIN') return judgeExclusiveJoin(draft, row);",
      ],
      'core/src/decide/reconcile.ts': [
        'draft.hasMore = true;',
        "draft.repair('lost-successor', end.loop);",
        "draft.repair('no-open-task', row.key);",
        "draft.repair('wrong-count', `open ${draft.slice.run.open} is ${open}`);",
        "for (const { type } of lost) draft.repair('lost-successor', `${row.key} ${type}`);",
        'if (draft.slice.hasMoreTodo || draft.slice.todo.includes(row.key)) return NO_STEPS;',
        'if (page.length < missing.length) draft.hasMore = true;',
      ],
      'core/src/decide/runs/watch-child.ts': [
        "if (draft.slice.whole?.timers.has(timerOf('delay', row.key)) !== false) return NO_STEPS;",
      ],
      'engine/src/looks/repair-run.ts': [
        'async function failCorrupt(engine: Engine, { runId, corrupt }: Finding): Promise<boolean> {',
        'const isMended = !isReal || (await mend(engine, runId, () => failCorrupt(engine, finding)));',
      ],
    },
  },
  {
    why: WHY.WIDE,
    places: [],
    lines: {
      'core/src/decide/decide.ts': ['if (draft.slice.hasMoreTodo) draft.hasMore = true;'],
      'core/src/decide/ends/close-run.ts': ['draft.hasMore = true;'],
      'core/src/decide/operations/reset-run.ts': ['clearPage(draft, reset);'],
      'core/src/decide/operators/do-while.ts': [
        'const reason = `the loop goes on after ${MAX_ITERATIONS} iterations`;',
      ],
      'core/src/decide/operators/dynamic-fork.ts': [
        'const reason = `${tasks.length} branches; at most ${MAX_BRANCHES} are run`;',
      ],
      'core/src/decide/operators/set-variable.ts': [
        'const limit = `at most ${VARIABLES_LIMIT_BYTES} are kept`;',
      ],
      'engine/src/starts/start-requested.ts': [
        'if (created.hasMore) await nudge(engine, [created.runId]);',
      ],
    },
  },
  {
    why: WHY.REQUESTS,
    places: [],
    lines: {
      'core/src/decide/operations/reopen-run.ts': [
        'draft.patchRun({ planId: pinned.planId, definitionVersion: pinned.version });',
        'if (correlationId !== undefined) draft.patchRun({ correlationId });',
        "if (input !== undefined) draft.putData('run:input', input);",
        'if (taskInput !== undefined) draft.putData(`i:${key}`, taskInput);',
      ],
    },
  },
  {
    why: WHY.EVENTS,
    places: ['engine/src/events/'],
    lines: {
      'core/src/decide/attempts/announce-changes.ts': [
        'for (const { before, after } of draft.changes) {',
        'function announce(draft: Draft, { row, state }: Change): void {',
      ],
      'core/src/decide/operators/event.ts': ['enter(draft, node) {'],
      'engine/src/letters/deliver-letter.ts': ["case 'event':"],
    },
  },
  {
    why: WHY.SIDE,
    places: ['engine/src/dead-letters/', 'engine/src/schedules/', 'engine/src/search/'],
    lines: {},
  },
  {
    why: WHY.PROCESS,
    places: ['engine/src/open-engine.ts', 'engine/src/looks/check-epoch.ts'],
    lines: {
      'engine/src/engine.ts': ['close: () => sentMarks.close(),'],
    },
  },
  {
    why: WHY.QUEUE,
    places: [],
    lines: {
      'engine/src/looks/repair-queue.ts': [
        'async function lookAgain(',
        'async function recordRemoval(engine: Engine, { runId, key }: NamedJob): Promise<void> {',
        'async function removeOrphans(engine: Engine, jobs: Jobs): Promise<readonly NamedJob[]> {',
        'async function stillThere(engine: Engine, jobs: Jobs): Promise<readonly NamedJob[]> {',
        'if (from.suspects.length > 0) return lookAgain(engine, from, dryRun);',
      ],
    },
  },
  {
    why: WHY.CALM,
    places: [],
    lines: {
      'core/src/decide/attempts/watch-row.ts': [
        'function watchWait(draft: Draft, row: TaskRow): void {',
        "if (row.type === 'WAIT') watchWait(draft, row);",
      ],
    },
  },
  {
    why: WHY.LATE,
    places: [],
    lines: {
      'core/src/decide/attempts/fire-timer.ts': [
        'draft.clear(`wait:${row.key}`);',
        "if (parsed.kind !== 'total' || !isBetweenAttempts) draft.clear(timer);",
      ],
    },
  },
  {
    why: WHY.POISON,
    places: [],
    lines: {
      'engine/src/tasks/claim-task.ts': ['await completePoison(engine, args, reply);'],
      'engine/src/tasks/hand-back-task.ts': [
        "if (reply.type === 'poison') await completePoison(engine, { runId, key, attempt }, reply);",
      ],
    },
  },
  {
    why: WHY.ELSE,
    places: [],
    lines: {
      'engine/src/definitions/register-definition.ts': [
        'export async function registerTaskDefinition(',
      ],
      'engine/src/operations/remove-run.ts': [
        'async function assertRemovable(engine: Engine, runId: RunId): Promise<void> {',
        'export async function removeRun(',
      ],
      'engine/src/operations/reset-callbacks.ts': [
        'export async function resetCallbacks(engine: Engine, runId: RunId): Promise<number> {',
      ],
      'engine/src/operations/signal-run.ts': [
        'async function signalTask(',
        'export async function signalRun(engine: Engine, request: SignalRequest): Promise<Signaled | null> {',
      ],
      'engine/src/starts/restart-run.ts': [
        'async function pinLatest(',
        'export async function restartRun(',
      ],
      'engine/src/starts/start-runs.ts': [
        'async function startPage(',
        'export async function startRuns(',
        'function pinOnce(',
      ],
    },
  },
  {
    why: WHY.CIRCUITS,
    places: ['engine/src/circuits/'],
    lines: {
      'engine/src/tasks/claim-task.ts': [
        'return claimCircuit(engine, { task, circuit, token, leaseMs }, { inLine, alone: claim });',
      ],
    },
  },
  {
    why: WHY.GROUP,
    places: [],
    lines: {
      'core/src/decide/attempts/retry-group.ts': ['draft.put({ ...failed, isSettled: true });'],
      'core/src/decide/operations/reset-run.ts': [
        'const kept = draft.run.failedPermissive.filter((key) => !gone.has(taskKeyOf(key)));',
      ],
    },
  },
  {
    why: WHY.SIZE,
    places: [],
    lines: {
      'core/src/decide/size-limit.ts': [
        "if (policy === 'fail') closeRun(draft, 'FAILED', reason);",
      ],
    },
  },
];
