import {
  type ConductorTask,
  conductorTasksOf,
  parseConductorTaskId,
  type SearchResult,
  type SearchText,
  taskSearchOf,
} from '@joinery/contract';
import { type RunId } from '@joinery/core';
import { readPayloads } from '@joinery/engine';
import { findRuns } from './find-runs.ts';
import { type ServerParts } from './server-parts.ts';

/** Tasks are not indexed: a search looks into so many runs, the newest that its other conditions allow. */
const RUNS_LIMIT = 1_000;
const RUNS_AT_ONCE = 16;

/** Which of the tasks that were found are to be shown. */
export interface TaskPage {
  readonly start: number;
  readonly size: number;
}

/** Tasks that match, in the newest RUNS_LIMIT runs; name a workflow, its type or its correlation id to look further back. */
export async function findTasks(
  parts: ServerParts,
  text: SearchText,
  { start, size }: TaskPage,
): Promise<SearchResult<ConductorTask>> {
  const search = taskSearchOf(text);
  const { entries } = await findRuns(parts, search.runs, { start: 0, size: RUNS_LIMIT });
  const found: ConductorTask[] = [];
  for (let from = 0; from < entries.length; from += RUNS_AT_ONCE) {
    const some = entries.slice(from, from + RUNS_AT_ONCE);
    const tasks = await Promise.all(some.map(({ runId }) => tasksOf(parts, runId)));
    found.push(...tasks.flat().filter(search.isWanted));
  }
  const shown = found.toSorted(search.compare).slice(start, start + size);
  return { totalHits: found.length, results: await withPayloads(parts, shown) };
}

async function tasksOf({ engine }: ServerParts, runId: RunId): Promise<readonly ConductorTask[]> {
  const [run, rows] = await Promise.all([engine.store.find(runId), engine.store.rows(runId)]);
  return run === null ? [] : conductorTasksOf({ run, rows });
}

async function withPayloads(
  parts: ServerParts,
  tasks: readonly ConductorTask[],
): Promise<readonly ConductorTask[]> {
  const shown: ConductorTask[] = [];
  for (let from = 0; from < tasks.length; from += RUNS_AT_ONCE) {
    const some = tasks.slice(from, from + RUNS_AT_ONCE);
    shown.push(...(await Promise.all(some.map((task) => withPayload(parts, task)))));
  }
  return shown;
}

/** Those of attempts that were replaced are not kept. */
async function withPayload({ engine }: ServerParts, task: ConductorTask): Promise<ConductorTask> {
  const attempt = parseConductorTaskId(task.taskId);
  if (attempt === null || task.retried) return task;
  const { runId, key } = attempt;
  const { input, output } = (await readPayloads(engine, runId, [attempt])).get(key) ?? {};
  return { ...task, inputData: input ?? {}, outputData: output ?? {} };
}
