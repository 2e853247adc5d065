import { runIdOf, taskKeyOf, type EvaluationResult, type OutcomeStatus } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { startFlow, type Flow } from '../../test/flow.ts';
import { SCENARIOS } from '../../test/scenarios/all.ts';
import { refusedDefinitions } from '../../test/scenarios/refused-definitions.ts';
import type { Act, Scenario } from '../../test/scenarios/scenario.ts';

const reason = 'because';

function begin({ tasks, workflow = {}, input = {}, scripts, isChild = false }: Scenario): Flow {
  const evaluate = ({ script }: { readonly script: string }): EvaluationResult =>
    scripts?.[script] ?? { ok: false, reason: `nobody runs ${script}` };
  const runId = runIdOf(3, 'bcdefghij01234567890');
  const parent = { runId, key: 'c', attempt: 1, depth: 1 };
  return startFlow(tasks, { workflow, input, evaluate, ...(isChild && { parent }) });
}

/** Plays an act; answers the code with which it was refused. */
function play(flow: Flow, act: Act): string | null {
  if (typeof act === 'object') {
    if ('act' in act) return play(flow, act.act);
    flow.finish(act.finish, act.output);
    return null;
  }
  const [verb = '', ref = '', status = ''] = act.split(' ');
  switch (verb) {
    case 'pause':
    case 'resume':
    case 'terminate':
      return flow.operate(verb);
    case 'retry':
    case 'restart':
      return flow.operate({ type: verb, reason });
    case 'rerun':
      return flow.operate({ type: 'rerun', key: taskKeyOf(ref), reason });
    case 'skip':
      return flow.operate({ type: 'skip', task: ref, reason });
    default:
      work(flow, { verb, ref, status });
      return null;
  }
}

function work(
  flow: Flow,
  { verb, ref, status }: { readonly verb: string; readonly ref: string; readonly status: string },
): void {
  if (verb === 'pass') flow.pass(Number(ref));
  else if (verb === 'finish') flow.finish(ref);
  else if (verb === 'fail') flow.fail(ref);
  else if (verb === 'kill') flow.failForGood(ref);
  else if (verb === 'claim') flow.claim(ref);
  else if (verb === 'child' && isOutcome(status)) flow.endChild(ref, status);
  else throw new Error(`nobody knows how to ${verb}`);
}

function isOutcome(status: string): status is OutcomeStatus {
  return ['COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED'].includes(status);
}

/** Rows as a scenario writes them: a shadow of what was taken back, or is to be skipped, is no row. */
function rowsOf(flow: Flow): readonly string[] {
  const rows = [...flow.model.rows.values()].filter(({ shadow }) => shadow === undefined);
  const inOrder = rows.toSorted((a, b) => a.seq - b.seq);
  return inOrder.map(({ key, status }) => (status === 'COMPLETED' ? key : `${key}:${status}`));
}

/** What a scenario says of a run; the output only if it says so. */
function seen(flow: Flow, { output }: Scenario): object {
  const { status } = flow;
  return {
    rows: rowsOf(flow),
    status,
    output: output === undefined ? 'whatever' : flow.data('run:output'),
  };
}

function expected({ rows, status, output }: Scenario): object {
  return { rows: rows.split(' '), status, output: output ?? 'whatever' };
}

const isOver = (flow: Flow): boolean => !['RUNNING', 'PAUSED'].includes(flow.status);

/** Somebody or some moment will move it: a worker, a person, a child, a timer. */
function canGoOn(flow: Flow): boolean {
  return flow.model
    .openKeys()
    .some((key) => !/^(?:JOIN|EXCLUSIVE_JOIN|DO_WHILE)$/.test(flow.row(key)?.type ?? ''));
}

const tellsParent = (flow: Flow): boolean =>
  [...flow.model.letters.values()].some(({ type }) => type === 'notify-parent');

describe.each(Object.entries(SCENARIOS))('%s', (_group, scenarios) => {
  it.each(scenarios.map((each) => [each.name, each] as const))('%s', (_name, scenario) => {
    const flow = begin(scenario);
    for (const act of scenario.acts) {
      const refused = play(flow, act);
      expect(refused).toBe(typeof act === 'object' && 'refused' in act ? act.refused : null);
    }
    expect(flow.reason).toContain(scenario.reason ?? '');
    expect(seen(flow, scenario)).toEqual(expected(scenario));
    expect(isOver(flow) || canGoOn(flow)).toBe(true);
    expect(tellsParent(flow)).toBe(scenario.isChild === true && isOver(flow));
    expect(flow.reconcile()).toEqual([]);
    expect(flow.repairs).toEqual([]);
  });
});

describe('a definition', () => {
  it.each(refusedDefinitions)('of $name is refused', ({ tasks, code }) => {
    expect(() => startFlow(tasks)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the scenarios', () => {
  const names = Object.values(SCENARIOS).flatMap((group) => group.map(({ name }) => name));

  it('are at least 150', () => {
    expect(names.length).toBeGreaterThanOrEqual(150);
  });

  it('have names of their own', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
