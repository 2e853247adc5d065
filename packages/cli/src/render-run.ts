import { type RunState, type TaskRow, type WorkflowDef } from '@joinery/core';
import { type RunExplanation } from '@joinery/engine';
import { type RunSummary } from '@joinery/store';
import { momentText, renderTable, spanText } from './table.ts';
import { type NestedTask, walkTasks } from './worker-types.ts';

/** The table of `joinery runs`. `now` ends the time of runs that have not ended. */
export function renderRuns(runs: readonly RunSummary[], now: number): readonly string[] {
  const rows = runs.map(({ runId, status, definition, version, createdAt, endedAt, reason }) => [
    runId,
    status,
    `${definition}@${version}`,
    momentText(createdAt),
    spanText(createdAt, endedAt || now),
    reason,
  ]);
  return renderTable(['RUN', 'STATUS', 'DEFINITION', 'STARTED', 'TOOK', 'REASON'], rows);
}

/** A run for people: its record, and its tasks as the definition nests them. */
export function renderRun(
  run: RunState,
  rows: readonly TaskRow[],
  { definition, now }: { readonly definition: WorkflowDef | null; readonly now: number },
): readonly string[] {
  const facts = [
    `run         ${run.id}`,
    `definition  ${run.definition} version ${run.definitionVersion}`,
    `status      ${run.status}${run.reason === '' ? '' : `: ${run.reason}`}`,
    `started     ${momentText(run.createdAt)}`,
    `ended       ${momentText(run.endedAt)}`,
    `took        ${spanText(run.createdAt, run.endedAt || now)}`,
    ...(run.correlationId === '' ? [] : [`correlation ${run.correlationId}`]),
    '',
  ];
  return [...facts, ...renderTasks(rows, definition, now)];
}

function renderTasks(
  rows: readonly TaskRow[],
  definition: WorkflowDef | null,
  now: number,
): readonly string[] {
  const head = ['TASK', 'TYPE', 'STATUS', 'ATTEMPT', 'WAITED', 'TOOK', 'REASON'];
  const nested = definition === null ? [] : walkTasks(definition.tasks);
  const refs = new Set(nested.map(({ task }) => task.taskReferenceName));
  const known = nested.flatMap((each) => linesOfTask(each, rows, now));
  // Made at run time: no place in the definition is theirs.
  const others = rows
    .filter((row) => !refs.has(row.ref))
    .map((row) => lineOfRow(row, row.key, now));
  return renderTable(head, [...known, ...others]);
}

function linesOfTask(
  { task, depth, branch }: NestedTask,
  rows: readonly TaskRow[],
  now: number,
): readonly (readonly string[])[] {
  const lead = '  '.repeat(depth) + (branch === '' ? '' : `[${branch}] `);
  const mine = rows.filter((row) => row.ref === task.taskReferenceName);
  if (mine.length > 0) return mine.map((row) => lineOfRow(row, lead + row.key, now));
  return [[lead + task.taskReferenceName, typeText(task.type, task.name), '-']];
}

function lineOfRow(row: TaskRow, name: string, now: number): readonly string[] {
  const { type, status, attempt, scheduledAt, startedAt, endedAt, reason } = row;
  const waitedUntil = startedAt || endedAt || now;
  const tookUntil = endedAt || now;
  return [
    name,
    typeText(type, row.name),
    status,
    String(attempt),
    spanText(scheduledAt, waitedUntil),
    spanText(startedAt, tookUntil),
    reason,
  ];
}

function typeText(type: string, name: string): string {
  return type === 'SIMPLE' ? name : type;
}

/** Why a run is where it is, the most telling first. */
export function renderExplanation(why: RunExplanation, now: number): readonly string[] {
  const { runId, status, causes, openCount, lastActor, lastDecidedAt, nextLookAt, lock } = why;
  const next =
    nextLookAt === null
      ? 'never: it is done with'
      : `in ${spanText(now, Math.max(now, nextLookAt))}`;
  return [
    `run ${runId} is ${status}`,
    ...causes.map((cause) => `  - ${cause}`),
    `open tasks    ${openCount}`,
    `last decided  ${momentText(lastDecidedAt)} (last change by ${lastActor})`,
    `next look     ${next}`,
    ...(lock === null ? [] : [`lock          held for ${lock.leftMs}ms more`]),
  ];
}
