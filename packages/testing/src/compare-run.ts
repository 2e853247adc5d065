import {
  isJsonObject,
  isSuccessfulTask,
  isTerminalRun,
  isTerminalTask,
  type Json,
  type RunStatus,
  type TaskRow,
} from '@joinery/core';
import { type ExpectedRun, type ExpectedTask } from './reference-model.ts';

/** A run that has ended, as far as the reference model speaks of it. */
export interface EndedRun {
  readonly status: RunStatus;
  /** Current attempts. */
  readonly rows: readonly TaskRow[];
  /** Of a task by its key; undefined = it has none. */
  readonly outputOf: (key: string) => Json | undefined;
  readonly output: Json | undefined;
}

/** Where a run that has ended is not what the reference model says; null when it is. */
export function disagreement(run: EndedRun, expected: ExpectedRun): string | null {
  const { status, rows } = run;
  if (!isTerminalRun(status) || !expected.statuses.has(status)) {
    return `run ${status}, expected ${[...expected.statuses].join(' or ')}`;
  }
  for (const row of rows) {
    const problem = disagreementOfRow(run, row, expected);
    if (problem !== null) return problem;
  }
  if (expected.isCutShort) return null;
  const reached = new Set<string>(rows.map(({ key }) => key));
  const missing = [...expected.tasks.keys()].filter((ref) => !reached.has(ref));
  if (missing.length > 0) return `never reached: ${missing.join()}`;
  const output = inOrder(run.output ?? null);
  return output === inOrder(expected.output)
    ? null
    : `output ${output}, expected ${inOrder(expected.output)}`;
}

/** Types whose output is put together when it is read. */
const NOT_STORED: ReadonlySet<string> = new Set(['DO_WHILE', 'FORK_JOIN', 'JOIN']);

/** Ids of runs, which no model can know. */
const IDS: ReadonlySet<string> = new Set(['subWorkflowId', 'workflowId']);

/** A value as text, with the members of its objects in order. */
function inOrder(value: Json): string {
  return JSON.stringify(value, (name, inner: Json) => {
    if (IDS.has(name)) return undefined;
    if (!isJsonObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function disagreementOfRow(run: EndedRun, row: TaskRow, expected: ExpectedRun): string | null {
  const { key, status, attempt, type } = row;
  const task = expected.tasks.get(key);
  if (task === undefined) return `${key} ${status} is never reached`;
  if (expected.isCutShort && (status === 'CANCELED' || isOnItsWay(row, task))) return null;
  if (status !== task.status) return `${key} ${status}, expected ${task.status}`;
  if (attempt !== task.attempts) return `${key} attempt ${attempt}, expected ${task.attempts}`;
  if (NOT_STORED.has(type)) return null;
  const output = inOrder(run.outputOf(key) ?? {});
  if (output === inOrder(task.output)) return null;
  return `${key} yields ${output}, expected ${inOrder(task.output)}`;
}

/** The run ended before somebody acted upon the failure of this attempt, or before its next one was over. */
function isOnItsWay({ status, attempt }: TaskRow, expected: ExpectedTask): boolean {
  const isFailure = !isSuccessfulTask(status) && isTerminalTask(status);
  return isFailure && (attempt < expected.attempts || status !== expected.status);
}
