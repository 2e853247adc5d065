import { isTerminalRun, type RecordedEvent, type RunState, type RunStatus } from '@joinery/core';
import { type Accuse } from './check-history.ts';
import { type Expectation, type RunEvidence } from './evidence.ts';

type Kept = RunEvidence & { readonly run: RunState };

/** H1, H4 (record), H11, H12, H22, H27: the run as a whole. */
export function judgeRun(evidence: Kept, expected: Expectation, accuse: Accuse): void {
  const { run, history } = evidence;
  judgeVersions(evidence, accuse);
  const folded = foldStatus(history);
  if (folded !== run.status) {
    accuse('H4', `the record says ${run.status}, the history ${folded}`);
  }
  judgeEnd(history, accuse);
  if (!isTerminalRun(run.status)) accuse('H22', `it is ${run.status} at version ${run.version}`);
  else if (run.status !== expected.status) {
    accuse('H27', `it ended ${run.status} (${run.reason}), expected ${expected.status}`);
  }
  if (run.status !== 'COMPLETED') return;
  for (const [ref, value] of expected.values) {
    const found = evidence.values.get(ref) ?? null;
    if (found !== value) {
      accuse('H27', `${ref} is ${JSON.stringify(found)}, computed directly ${value}`);
    }
  }
}

function judgeVersions({ run, history }: Kept, accuse: Accuse): void {
  const wrong = history.findIndex(({ version }, index) => version !== index + 1);
  if (wrong >= 0) accuse('H1', `version ${history[wrong]?.version} stands at place ${wrong + 1}`);
  if (history.length !== run.version) {
    accuse('H1', `version ${run.version} with ${history.length} events`);
  }
  if (history[0]?.event.type !== 'run.started') accuse('H2', 'it does not begin with its start');
}

function foldStatus(history: readonly RecordedEvent[]): RunStatus {
  let status: RunStatus = 'RUNNING';
  for (const { event } of history) {
    if (event.type === 'run.paused') status = 'PAUSED';
    if (event.type === 'run.resumed' || event.type === 'run.reopened') status = 'RUNNING';
    if (event.type === 'run.ended') status = event.status;
  }
  return status;
}

/** What may still be written when a run has begun to close, and when it has ended. */
const WHILE_CLOSING = new Set([
  'task.decided',
  'run.compensating',
  'run.ended',
  'timer.ignored',
  'repair.found',
]);
const AFTER_END = new Set(['repair.found', 'run.reopened']);

function judgeEnd(history: readonly RecordedEvent[], accuse: Accuse): void {
  let allowed: ReadonlySet<string> | null = null;
  for (const { version, event } of history) {
    if (allowed === AFTER_END && event.type === 'run.ended') {
      accuse('H11', `it ended again at version ${version}`);
    } else if (allowed !== null && !allowed.has(event.type)) {
      accuse('H12', `${event.type} at version ${version}, when it was closing or had ended`);
    }
    if (event.type === 'run.ended') allowed = AFTER_END;
    else if (event.type === 'run.closing') allowed = WHILE_CLOSING;
    else if (event.type === 'run.compensating' || event.type === 'run.reopened') allowed = null;
  }
}
