import { isTerminalTask, type JsonObject, type RunId, type WorkflowDef } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';
import { disagreement } from '../../compare-run.ts';
import { parsedChildren } from '../../definitions/child-definitions.ts';
import { type OutcomeScript } from '../../definitions/outcome-script.ts';
import { checkHistory } from '../../history/check-history.ts';
import { expectedRun, type ExpectedRun } from '../../reference-model.ts';

/** What a run was started with, and how much is known of how it must end. */
export interface RunCase {
  readonly definition: WorkflowDef;
  readonly input: JsonObject;
  readonly script: OutcomeScript;
  /** No other run has started it. */
  readonly isRoot: boolean;
  /** The reference model can tell the end. */
  readonly isPredictable: boolean;
  /** Nothing went wrong: nothing may have been repaired. */
  readonly isHealthy: boolean;
  /** It may have been opened again: attempts count on, and the model does not know from where. */
  readonly isReopened: boolean;
}

type Accuse = (rule: string, what: string) => void;

/** As many as the generator of definitions allows: four attempts. */
const MAX_ATTEMPTS = 4;

/** A run that has just ended: its whole history, its rows, its results. */
export function judgeEnd(runId: RunId, run: RunSnapshot, each: RunCase, accuse: Accuse): void {
  const { record, tasks, history } = run;
  const rows = Object.values(tasks);
  const evidence = { runId, run: record, rows, history, values: new Map() };
  const expected = {
    status: record.status,
    joins: new Map(),
    values: new Map(),
    maxAttempts: MAX_ATTEMPTS,
  };
  const { breaches } = checkHistory([{ evidence, expected }], { ledger: null, commits: null });
  for (const { rule, what } of breaches) accuse(rule, what);
  for (const row of rows) {
    if (!isTerminalTask(row.status) && record.reason === '') {
      accuse('H13', `${row.key} is ${row.status} after the end`);
    }
  }
  judgeRepairs(run, each, accuse);
  const problem = each.isPredictable
    ? disagreement(endedRun(run, each), expectationOf(each))
    : null;
  if (problem !== null) accuse('H27', problem);
}

function judgeRepairs({ history }: RunSnapshot, { isHealthy }: RunCase, accuse: Accuse): void {
  if (!isHealthy) return;
  for (const { event } of history) {
    if (event.type === 'repair.found') {
      accuse('healthy', `${event.kind} of ${event.key} was repaired, and nothing had gone wrong`);
    }
  }
}

function endedRun(
  { record, tasks, data }: RunSnapshot,
  { isReopened }: RunCase,
): Parameters<typeof disagreement>[0] {
  const current = Object.entries(tasks).flatMap(([field, row]) => (field === row.key ? [row] : []));
  return {
    status: record.status,
    rows: isReopened ? current.map((row) => ({ ...row, attempt: 1 })) : current,
    outputOf: (key) => data[`o:${key}`],
    output: data['run:output'],
  };
}

const expectations = new WeakMap<OutcomeScript, ExpectedRun>();

/** All runs with one script go the same way: the model is asked once. */
function expectationOf({ definition, input, script }: RunCase): ExpectedRun {
  const expected =
    expectations.get(script) ?? expectedRun(definition, input, script, parsedChildren);
  expectations.set(script, expected);
  return expected;
}
