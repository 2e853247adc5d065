import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@joinery/core';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

/** Rows that each decision of a flow puts, from here until nothing is to be decided. */
function putsPerDecision(flow: Flow): readonly number[] {
  const puts: number[] = [];
  while (flow.model.wantsDecision) {
    const { commands } = flow.decideOnce();
    puts.push(commands.filter((each) => each.type === 'put-task').length);
  }
  return puts;
}

const wide = (
  width: number,
  branch: (i: number) => readonly JsonObject[],
): readonly JsonObject[] => {
  const branches = Array.from({ length: width }, (_, i) => branch(i));
  return fork(
    'f',
    branches,
    branches.flatMap(([first]) => nameOf(first)),
  );
};

function nameOf(task: JsonObject | undefined): string {
  const name = task?.['name'];
  return typeof name === 'string' ? name : '';
}

/** A task that the joins of three forks around it name: judging is never put off, settling is. */
const around = (i: number): readonly JsonObject[] => {
  const one = fork(`c${i}`, [[simple(`a${i}`, { optional: true })]], [`a${i}`]);
  return fork(`e${i}`, [[...fork(`d${i}`, [[...one]], [`a${i}`])]], [`a${i}`]);
};

describe('a decision is bounded', () => {
  it('expands 10,000 branches page by page, and joins them', () => {
    const flow = startFlow([...wide(10_000, (i) => [operator('NOOP', `n${i}`)])]);
    expect(flow.status).toBe('COMPLETED');
    expect(flow.requests.length).toBeLessThan(130);
    expect(flow.events('fork.expanded').at(-1)).toMatchObject({ to: 10_000, width: 10_000 });
  });

  it('puts no more than a page of rows, whatever it expands', () => {
    const nested = (depth: number): readonly JsonObject[] =>
      depth === 0
        ? [operator('NOOP', 'deepest')]
        : [
            operator('FORK_JOIN', `f${depth}`, {
              forkTasks: [
                nested(depth - 1),
                ...Array.from({ length: 200 }, (_, i) => [operator('NOOP', `n${depth}x${i}`)]),
              ],
            }),
            operator('JOIN', `j${depth}`, { joinOn: [`n${depth}x0`] }),
          ];
    const flow = startFlow([operator('WAIT', 'w'), ...nested(15)]);
    flow.store('w');
    expect(Math.max(...putsPerDecision(flow))).toBeLessThanOrEqual(256 + 32);
    expect(flow.status).toBe('COMPLETED');
  });

  it('nests 30 forks in one decision', () => {
    let tasks: readonly JsonObject[] = [simple('a')];
    for (let depth = 1; depth <= 30; depth += 1) tasks = fork(`f${depth}`, [tasks], ['a']);
    const flow = startFlow(tasks);
    expect(flow.waiting).toEqual(['a']);
    expect(flow.finish('a').status).toBe('COMPLETED');
    expect(flow.events('join.fired')).toHaveLength(30);
  });

  it('takes a chain of 2,000 tasks that are over at once', () => {
    const flow = startFlow([
      operator('WAIT', 'w'),
      ...Array.from({ length: 2_000 }, (_, i) => operator('NOOP', `n${i}`)),
    ]);
    flow.store('w');
    expect(Math.max(...putsPerDecision(flow))).toBeLessThanOrEqual(257);
    expect(flow.status).toBe('COMPLETED');
    expect(Math.max(...flow.requests)).toBeLessThanOrEqual(1);
  });

  it('acts on 600 results, and cancels 600 tasks, in several decisions', () => {
    const branches = wide(600, (i) => [simple(`a${i}`, { permissive: true })]);
    const done = startFlow([...branches]);
    for (const ref of done.waiting) done.store(ref, 'FAILED');
    expect(Math.max(...putsPerDecision(done))).toBeLessThanOrEqual(257);
    expect(done.status).toBe('FAILED');
    const canceled = startFlow([...branches]);
    canceled.operate('terminate');
    expect(canceled.status).toBe('TERMINATED');
    expect(canceled.model.openKeys()).toEqual([]);
  });

  it('ends a run whose output would be too large, or be doubled by every level', () => {
    const text = 'x'.repeat(1_000_000);
    const refs = ['a', 'b', 'c', 'd', 'e', 'f'];
    const large = startFlow([
      ...fork(
        'g',
        refs.map((ref) => [simple(ref)]),
        refs,
      ),
    ]);
    for (const ref of refs) large.finish(ref, { text });
    expect(large.status).toBe('FAILED');
    expect(large.reason).toContain('JN_PAYLOAD_TOO_LARGE');
    let tasks: readonly JsonObject[] = [simple('a')];
    const joins: string[] = ['a'];
    for (let depth = 1; depth <= 30; depth += 1) {
      tasks = fork(`f${depth}`, [tasks], [...joins]);
      joins.push(`f${depth}_join`);
    }
    expect(startFlow(tasks).finish('a', { n: 1 }).reason).toContain('JN_PAYLOAD_TOO_LARGE');
  });

  it('leaves a join that fires when it is full to the next decision', () => {
    const flow = startFlow([...wide(130, around)]);
    for (const ref of flow.waiting) flow.store(ref, 'FAILED');
    const left: string[] = [];
    while (flow.model.wantsDecision) {
      const puts = flow.decideOnce().commands.filter((each) => each.type === 'put-task');
      expect(puts.length).toBeLessThanOrEqual(256 + 32);
      const isLeft = ({ row }: (typeof puts)[number]): boolean =>
        row.status === 'COMPLETED_WITH_ERRORS' && !row.isSettled;
      left.push(...puts.filter((put) => isLeft(put)).map(({ row }) => row.type));
    }
    expect(left).toContain('JOIN');
    expect(flow.status).toBe('COMPLETED');
  });
});

describe('a decision seldom asks twice', () => {
  it('asks at most once in most decisions of a nested run', () => {
    const flow = startFlow([
      ...fork(
        'f',
        [
          [simple('a'), choose('s', '${a.output.k}', { k: [simple('b')] }, [simple('c')])],
          [...fork('g', [[simple('x')], [simple('y'), operator('NOOP', 'n')]], ['x', 'n'])],
        ],
        ['b', 'g_join'],
      ),
      simple('end', { inputParameters: { all: '${f_join.output}', x: '${x.output.v}' } }),
    ]);
    flow.finish('a', { k: 'k' }).finish('x', { v: 1 }).finish('y').finish('b').finish('end');
    expect(flow.status).toBe('COMPLETED');
    expect(Math.max(...flow.requests)).toBeLessThanOrEqual(1);
  });
});
