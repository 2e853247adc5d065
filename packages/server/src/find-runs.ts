import { conductorWorkflowOf, type ConductorWorkflow } from '@joinery/contract';
import {
  isJoineryError,
  RUN_STATUSES,
  isTerminalRun,
  type RunCondition,
  type RunEntry,
  type RunQuery,
} from '@joinery/core';
import { type FoundRuns, indexMoved, type IndexPorts, searchRuns } from '@joinery/engine';
import { viewRun } from './run-view.ts';
import { type ServerParts } from './server-parts.ts';

/** Runs of each partition that a search indexes first. Behind by more, it answers what there is. */
const CATCH_UP_LIMIT = 100;

/** Whole runs read at once. */
const VIEWS_AT_ONCE = 16;

/** The statuses of runs that go on. */
const OPEN_STATUSES = RUN_STATUSES.filter((status) => !isTerminalRun(status));

/** What searching stands on. */
export function indexPorts({ engine, index, deadLetters }: ServerParts): IndexPorts {
  return { store: engine.store, index, deadLetters };
}

/** Indexes what has just moved: a client finds what it has started. */
export async function catchUp(parts: ServerParts): Promise<void> {
  const ports = indexPorts(parts);
  const all = Array.from({ length: ports.store.partitions }, (_none, partition) => partition);
  await Promise.all(all.map((partition) => indexMoved(ports, partition, CATCH_UP_LIMIT)));
}

/** Runs that match, as the index has them now. */
export async function findRuns(
  parts: ServerParts,
  query: RunQuery,
  page: { readonly start: number; readonly size: number },
): Promise<FoundRuns> {
  await catchUp(parts);
  return searchRuns(indexPorts(parts), query, page);
}

/** Wants a field to be one of these. */
export function oneOf(
  field: 'definition' | 'correlationId' | 'definitionVersion',
  values: readonly string[],
): RunCondition {
  return { type: 'one-of', field, values };
}

/** Wants runs that go on. */
export const isOpen: RunCondition = { type: 'one-of', field: 'status', values: OPEN_STATUSES };

/** Whole runs of entries, in their order; what was purged meanwhile is left out. */
export async function viewEntries(
  parts: ServerParts,
  entries: readonly Pick<RunEntry, 'runId'>[],
  { withTasks }: { readonly withTasks: boolean },
): Promise<readonly ConductorWorkflow[]> {
  const shown: ConductorWorkflow[] = [];
  for (let from = 0; from < entries.length; from += VIEWS_AT_ONCE) {
    const some = entries.slice(from, from + VIEWS_AT_ONCE);
    const views = await Promise.all(some.map(({ runId }) => viewOrNull(parts, runId, withTasks)));
    shown.push(...views.filter((view) => view !== null));
  }
  return shown;
}

async function viewOrNull(
  { engine }: ServerParts,
  runId: string,
  withTasks: boolean,
): Promise<ConductorWorkflow | null> {
  try {
    return conductorWorkflowOf(await viewRun(engine, runId, { withTasks }));
  } catch (error) {
    if (isJoineryError(error, 'JN_RUN_NOT_FOUND')) return null;
    throw error;
  }
}
