import { type RunId, taskIdOf } from '@joinery/core';
import { type LedgerEntry } from '../ledger.ts';
import { type AccuseRun } from './check-history.ts';
import { type CommitNote, type RunEvidence } from './evidence.ts';
import { type LossNote } from './judge-loss.ts';

/** The ledger's name of one hand-over: the fencing token is the version at which it was claimed. */
function executionOf(taskId: string, attempt: number, token: string): string {
  return `${taskId} ${attempt} ${token}`;
}

/**
 * H10: nothing ran that was not handed out, nothing ran twice on one hand-over, and what counts did run. After a loss,
 * hand-overs that were lost are known from before it, and their numbers may have been given out again.
 */
export function judgeExecutions(
  evidence: readonly RunEvidence[],
  {
    ledger,
    losses,
  }: { readonly ledger: readonly LedgerEntry[]; readonly losses: readonly LossNote[] },
  accuse: AccuseRun,
): void {
  const begun = countBy(ledger.filter(({ what }) => what === 'begin'));
  const ended = countBy(ledger.filter(({ what }) => what === 'end'));
  const handedOut = new Map<string, RunId>();
  for (const { runId, before } of losses) {
    for (const execution of handOversOf({ runId, history: before })) {
      handedOut.set(execution, runId);
    }
  }
  for (const run of evidence) {
    for (const execution of handOversOf(run)) handedOut.set(execution, run.runId);
    judgeResults(run, ended, accuse);
  }
  for (const [execution, count] of begun) {
    const runId = handedOut.get(execution);
    if (runId !== undefined && count > 1 && losses.length === 0)
      accuse(runId, 'H10', `${execution} ran ${count} times`);
    if (runId !== undefined) continue;
    const owner = evidence.find((each) => execution.startsWith(`${each.runId}.`))?.runId;
    if (owner !== undefined) accuse(owner, 'H10', `${execution} ran and was never handed out`);
  }
}

function handOversOf({
  runId,
  history,
}: Pick<RunEvidence, 'runId' | 'history'>): readonly string[] {
  return history.flatMap(({ version, event }) =>
    event.type === 'task.started'
      ? [executionOf(taskIdOf(runId, event.key), event.attempt, String(version))]
      : [],
  );
}

function judgeResults(
  { runId, history }: RunEvidence,
  ended: ReadonlyMap<string, number>,
  accuse: AccuseRun,
): void {
  const executions = new Map<string, string>();
  const children = new Set<string>();
  for (const { version, event } of history) {
    if (event.type === 'task.started') {
      const execution = executionOf(taskIdOf(runId, event.key), event.attempt, String(version));
      executions.set(event.token, execution);
    }
    // What a run does for its parent is executed in the run.
    if (event.type === 'child.requested') children.add(event.runId);
    if (event.type !== 'task.completed' || event.status !== 'COMPLETED') continue;
    if (children.has(event.token)) continue;
    if (!ended.has(executions.get(event.token) ?? '')) {
      accuse(runId, 'H10', `${event.key} completed at version ${version} by what never ran`);
    }
  }
}

function countBy(entries: readonly LedgerEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { taskId, attempt, token } of entries) {
    const execution = executionOf(taskId, attempt, token);
    counts.set(execution, (counts.get(execution) ?? 0) + 1);
  }
  return counts;
}

/** H25: a later commit of a run carries a higher fence. Commits without an event share a version and are not compared. */
export function judgeCommits(commits: readonly CommitNote[], accuse: AccuseRun): void {
  const last = new Map<RunId, CommitNote>();
  for (const note of commits.toSorted((a, b) => a.version - b.version || a.fence - b.fence)) {
    const { runId, version, fence } = note;
    const before = last.get(runId);
    if (before !== undefined && before.version < version && fence <= before.fence) {
      accuse(runId, 'H25', `fence ${fence} at version ${version}, after ${before.fence}`);
    }
    last.set(runId, { runId, version, fence: Math.max(fence, before?.fence ?? 0) });
  }
}
