import type { Json } from '@joinery/core';
import { choose, fork, operator, simple } from '../flow.ts';
import { dynamic, loop, over, type Scenario } from './scenario.ts';

const last = simple('last');
const given = '${workflow.input.items}';

/** Lists and objects in each other, so deep. */
function deep(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { v: value };
  return value;
}

/** An own member `__proto__`, as JSON has it. */
const hostile: Json = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":1}}');
const HOSTILE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

const nothing: readonly Scenario[] = [
  {
    name: 'a fork whose branches are all empty',
    tasks: [...fork('f', [[], []], []), last],
    acts: [],
    rows: 'f f_join last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a fork with one empty branch',
    tasks: [...fork('f', [[], [simple('a')]], ['a']), last],
    acts: ['finish a'],
    rows: 'f a f_join last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a dynamic fork without branches',
    tasks: [...dynamic('d', []), last],
    acts: [],
    rows: 'd d_join last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a dynamic fork without branches, as the last task',
    tasks: [...dynamic('d', [])],
    acts: [],
    rows: 'd d_join',
    status: 'COMPLETED',
    output: {},
  },
  {
    name: 'a dynamic fork over null items',
    tasks: [...dynamic('d', [null, null]), last],
    acts: ['finish _d_w_0', 'finish _d_w_1'],
    rows: 'd _d_w_0 _d_w_1 d_join last:SCHEDULED',
    status: 'RUNNING',
  },
  ...[null, 'text', 7, { a: 1 }].map((items): Scenario => ({
    name: `a loop over ${JSON.stringify(items)}`,
    tasks: [over('l', [simple('a')]), last],
    input: { items },
    acts: [],
    rows: 'l:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: 'items must be a list',
  })),
  ...['text', 7, { a: 1 }].map((items): Scenario => ({
    name: `a dynamic fork over ${JSON.stringify(items)}`,
    tasks: [...dynamic('d', given), last],
    input: { items },
    acts: [],
    rows: 'd:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
  })),
  {
    name: 'a loop over no items',
    tasks: [over('l', [simple('a')]), last],
    input: { items: [] },
    acts: [],
    rows: 'l last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a loop over null items',
    tasks: [over('l', [simple('a')]), last],
    input: { items: [null, null] },
    acts: ['finish a__1', 'finish a__2'],
    rows: 'l a__1 a__2 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a loop whose condition never holds runs once',
    tasks: [loop('l', 0, [simple('a')]), last],
    acts: ['finish a__1'],
    rows: 'l a__1 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a loop whose body waits for nobody',
    tasks: [loop('l', 3, [operator('NOOP', 'n')]), last],
    acts: [],
    rows: 'l n__1 n__2 n__3 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a loop of 2,000 iterations that wait for nobody',
    tasks: [loop('l', 2000, [operator('NOOP', 'n')]), last],
    acts: [],
    rows: `l ${Array.from({ length: 2000 }, (_, i) => `n__${i + 1}`).join(' ')} last:SCHEDULED`,
    status: 'RUNNING',
  },
  {
    name: 'a loop whose body is a switch that takes nothing',
    tasks: [loop('l', 2, [choose('s', 'x', { y: [simple('a')] })]), last],
    acts: [],
    rows: 'l s__1 s__2 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a switch whose matching case is empty does not fall through',
    tasks: [choose('s', 'e', { e: [] }, [simple('d')]), last],
    acts: [],
    rows: 's last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a switch without a default',
    tasks: [choose('s', null, { e: [simple('a')] })],
    acts: [],
    rows: 's',
    status: 'COMPLETED',
  },
  {
    name: 'a case that is named null',
    tasks: [choose('s', null, { null: [simple('a')] }, [simple('d')])],
    acts: [],
    rows: 's a:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a join of a task that is never reached',
    tasks: [
      ...fork('f', [[choose('s', 'n', { y: [simple('z')] })], [simple('b')]], ['z', 'b']),
      last,
    ],
    acts: ['finish b'],
    rows: 'f s b f_join last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'an EXCLUSIVE_JOIN of nothing that was reached',
    tasks: [
      choose('s', 'x', { a: [simple('a')] }),
      operator('EXCLUSIVE_JOIN', 'e', { joinOn: ['a'] }),
    ],
    acts: [],
    rows: 's e',
    status: 'COMPLETED',
    output: {},
  },
  ...[null, '', 7, {}, 'JOIN'].map((t): Scenario => ({
    name: `a DYNAMIC named ${JSON.stringify(t)}`,
    tasks: [operator('DYNAMIC', 'a', { dynamicTaskNameParam: 't', inputParameters: { t: given } })],
    input: { items: t },
    acts: [],
    rows: 'a:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
  })),
];

const hostileKeys: readonly Scenario[] = HOSTILE.flatMap((key): readonly Scenario[] => [
  {
    name: `a switch over ${key}`,
    tasks: [choose('s', key, { y: [simple('a')] }, [simple('d')])],
    acts: ['finish d'],
    rows: 's d',
    status: 'COMPLETED',
  },
  {
    name: `an expression over ${key} reads own members only`,
    tasks: [operator('NOOP', 'n')],
    workflow: { outputParameters: { got: `\${workflow.input.${key}}` } },
    acts: [],
    rows: 'n',
    status: 'COMPLETED',
    output: { got: null },
  },
  {
    name: `a dynamic fork whose parameters are named ${key}`,
    tasks: [
      operator('FORK_JOIN_DYNAMIC', 'd', {
        dynamicForkTasksParam: key,
        dynamicForkTasksInputParamName: key,
      }),
      operator('JOIN', 'd_join'),
    ],
    acts: [],
    rows: 'd:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: `'${key}' must be a list`,
  },
]);

const passed: readonly Scenario[] = [
  { what: 'hostile keys', items: hostile },
  { what: 'JSON of depth 30', items: deep(30) },
  { what: 'a long text', items: 'x'.repeat(100_000) },
].flatMap(({ what, items }): readonly Scenario[] => [
  {
    name: `${what} from the input to the output`,
    tasks: [simple('a', { inputParameters: { items: given } })],
    workflow: { outputParameters: { items: given } },
    input: { items },
    acts: ['finish a'],
    rows: 'a',
    status: 'COMPLETED',
    output: { items },
  },
  {
    name: `${what} from a branch over the join to the output`,
    tasks: [...fork('f', [[simple('a')]], ['a'])],
    acts: [{ finish: 'a', output: { items } }],
    rows: 'f a f_join',
    status: 'COMPLETED',
    output: { a: { items } },
  },
  {
    name: `${what} as the items of a dynamic fork of one`,
    tasks: [...dynamic('d', [given]), last],
    input: { items },
    acts: ['finish _d_w_0'],
    rows: 'd _d_w_0 d_join last:SCHEDULED',
    status: 'RUNNING',
  },
]);

/** Deeper than what an expression or an output may be: the run ends, and says where and why. */
const tooDeep: readonly Scenario[] = [
  {
    name: 'JSON of depth 1,000 as the parameter of a task',
    tasks: [simple('a', { inputParameters: { items: given } }), last],
    input: { items: deep(1000) },
    acts: [],
    rows: 'a:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: 'nests too deep',
  },
  {
    name: 'JSON of depth 1,000 as the parameter of an optional task',
    tasks: [simple('a', { optional: true, inputParameters: { items: given } }), last],
    input: { items: deep(1000) },
    acts: [],
    rows: 'a:COMPLETED_WITH_ERRORS last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'JSON of depth 1,000 as the output of a run',
    tasks: [simple('a')],
    workflow: { outputParameters: { items: '${a.output}' } },
    acts: [{ finish: 'a', output: { items: deep(1000) } }],
    rows: 'a',
    status: 'FAILED',
    reason: 'nests too deep',
  },
  {
    name: 'JSON of depth 1,000 that nobody reads',
    tasks: [simple('a'), last],
    input: { items: deep(1000) },
    acts: [{ finish: 'a', output: { items: deep(1000) } }],
    rows: 'a last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'JSON of depth 1,000 as the value of a switch',
    tasks: [choose('s', given, { y: [simple('a')] }, [simple('d')])],
    input: { items: deep(1000) },
    acts: [],
    rows: 's:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: 'nests too deep',
  },
  {
    name: 'JSON of depth 1,000 as the items of a dynamic fork',
    tasks: [...dynamic('d', given), last],
    input: { items: [deep(1000)] },
    acts: [],
    rows: 'd:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: 'nests too deep',
  },
];

/** What nobody should write, and somebody will: a documented result or a failure with its reason. */
export const degenerateInputs: readonly Scenario[] = [
  ...nothing,
  ...hostileKeys,
  ...passed,
  ...tooDeep,
];
