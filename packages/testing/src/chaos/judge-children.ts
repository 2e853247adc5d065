import { isTerminalRun, type RunId } from '@joinery/core';
import { type PlayedRun } from './judge-stage.ts';
import { readHistories } from './read-histories.ts';
import { type Stage } from './stage.ts';

/** More runs than any performance has. */
const ALL = 1_000_000;

/**
 * H19: every run that was asked for exists once, has ended, and names its parent; and there is no child that nobody asked
 * for. Notes what is wrong in the log.
 */
export async function judgeChildren(
  { client, log }: Stage,
  parents: readonly PlayedRun[],
): Promise<void> {
  const { store } = client.client;
  const parentIds = new Set<string>(parents.map(({ runId }) => runId));
  const histories = await readHistories(
    store,
    [...parents].map(({ runId }) => runId),
  );
  const asked = new Map<string, RunId>();
  for (const [runId, history] of histories) {
    for (const { event } of history) {
      if (event.type !== 'child.requested') continue;
      const known = asked.get(event.runId);
      if (known !== undefined) log.problems.push(`H19: ${event.runId} was asked for twice`);
      asked.set(event.runId, runId);
    }
  }
  const listed = await store.list(ALL);
  for (const { runId } of listed) {
    const run = await store.find(runId);
    const parent = run?.parent?.runId;
    if (run === null || parent === undefined || !parentIds.has(parent)) continue;
    if (asked.get(runId) !== parent) log.problems.push(`H19: nobody asked for ${runId}`);
    if (!isTerminalRun(run.status)) log.problems.push(`H19: ${runId} is ${run.status}`);
    asked.delete(runId);
  }
  for (const [runId, parent] of asked) log.problems.push(`H19: ${runId} of ${parent} is missing`);
  log.count('children', listed.length - parents.length);
}
