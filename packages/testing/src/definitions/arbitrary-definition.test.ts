import { compilePlan, parseWorkflowDef } from '@joinery/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedRun } from '../reference-model.ts';
import { arbitraryDefinition } from './arbitrary-definition.ts';
import { outcomeScript } from './outcome-script.ts';
import { writeDefinition } from './write-definition.ts';

const ALWAYS_WELL = { failed: 0, hopeless: 0, silent: 0 };

describe('generated definitions', () => {
  it('are valid, and hold every operator somewhere', () => {
    const types = new Set<string>();
    const children = { hasSubWorkflows: true, hasRareOperators: true };
    fc.assert(
      fc.property(
        arbitraryDefinition({ minTasks: 4, maxTasks: 8, ...children }),
        ({ definition }) => {
          const plan = compilePlan(parseWorkflowDef(definition));
          for (const { type } of plan.nodes.values()) types.add(type);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
    const operators = [
      'DO_WHILE',
      'FORK_JOIN',
      'FORK_JOIN_DYNAMIC',
      'JOIN',
      'NOOP',
      'SET_VARIABLE',
      'SWITCH',
      'DECISION',
      'DYNAMIC',
      'EXCLUSIVE_JOIN',
      'HUMAN',
      'YIELD',
    ];
    const others = ['SIMPLE', 'SUB_WORKFLOW', 'TERMINATE', 'WAIT'];
    expect([...types].toSorted()).toEqual([...operators, ...others].toSorted());
  });

  it('leave out what their options forbid', () => {
    const plain = { hasTerminate: false, hasWaits: false, hasTimeOuts: false, maxDepth: 2 };
    fc.assert(
      fc.property(arbitraryDefinition(plain), ({ definition }) => {
        const text = JSON.stringify(definition);
        expect(text).not.toMatch(
          /TERMINATE|WAIT|SUB_WORKFLOW|DO_WHILE|DECISION|HUMAN|YIELD|EXCLUSIVE|"DYNAMIC"|maxConc|"(?:timeout|pollTimeout)Seconds"/,
        );
      }),
      { seed: 6, numRuns: 60 },
    );
  });
});

describe('an outcome script', () => {
  it('always says the same, and keeps about to its odds', () => {
    const script = outcomeScript(9, { failed: 25, hopeless: 0, silent: 25 });
    const counts = new Map<string, number>();
    for (let i = 0; i < 4_000; i += 1) {
      const { status } = script(`t${i}`, 1);
      expect(script(`t${i}`, 1).status).toBe(status);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect(counts.get('FAILED')).toBeGreaterThan(800);
    expect(counts.get('SILENT')).toBeGreaterThan(800);
    expect(counts.get('FAILED_WITH_TERMINAL_ERROR')).toBeUndefined();
  });
});

describe('the reference model', () => {
  const simple = {
    isOptional: false,
    isPermissive: false,
    retryCount: 1,
    timeOut: 'none',
  } as const;

  it('knows a fork by heart', () => {
    const task = { kind: 'simple', ...simple } as const;
    const generated = writeDefinition([
      { kind: 'fork', branches: [[task], [task]], joinOn: null, isJoinOptional: false },
      task,
    ]);
    const definition = parseWorkflowDef(generated.definition);
    const well = expectedRun(definition, {}, () => ({ status: 'COMPLETED', output: { n: 1 } }));
    expect([...well.statuses]).toEqual(['COMPLETED']);
    expect([...well.tasks.keys()].toSorted()).toEqual(['t1', 't2', 't3', 't4', 't5']);
    expect(well.tasks.get('t4')?.output).toEqual({ t2: { n: 1 }, t3: { n: 1 } });
    expect(well.output).toEqual({ n: 1 });
  });

  it('ends a run with the failure of a task that is out of attempts', () => {
    const { definition } = writeDefinition([{ kind: 'simple', ...simple }, { kind: 'noop' }]);
    const ill = expectedRun(parseWorkflowDef(definition), {}, () => ({
      status: 'FAILED',
      output: {},
    }));
    expect([...ill.statuses]).toEqual(['FAILED']);
    expect(ill.tasks.get('t1')).toMatchObject({ status: 'FAILED', attempts: 2, isEnd: true });
    expect(ill.tasks.has('t2')).toBe(false);
  });

  it('gives a child that fails another try, and ends the run as the child was ended', () => {
    const shape = { kind: 'sub', isOptional: false, isPermissive: false, retryCount: 2 } as const;
    const { definition } = writeDefinition([{ ...shape, isRetriedAtOnce: true }]);
    const parsed = parseWorkflowDef(definition);
    const ends = (['FAILED', 'FAILED_WITH_TERMINAL_ERROR', 'SILENT'] as const).map((status) => {
      const { statuses, tasks } = expectedRun(parsed, {}, () => ({ status, output: {} }));
      return [[...statuses], tasks.get('t1')?.status, tasks.get('t1')?.attempts];
    });
    expect(ends).toEqual([
      [['FAILED'], 'FAILED', 3],
      [['TIMED_OUT'], 'TIMED_OUT', 3],
      [['TERMINATED'], 'CANCELED', 1],
    ]);
  });

  it('lets every run complete when nothing goes wrong and nobody ends it', () => {
    fc.assert(
      fc.property(arbitraryDefinition({ hasTerminate: false }), fc.nat(), (generated, seed) => {
        const definition = parseWorkflowDef(generated.definition);
        const script = outcomeScript(seed, ALWAYS_WELL);
        const { statuses, tasks } = expectedRun(definition, generated.input, script);
        expect([...statuses]).toEqual(['COMPLETED']);
        expect([...tasks.values()].every(({ status }) => status === 'COMPLETED')).toBe(true);
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
