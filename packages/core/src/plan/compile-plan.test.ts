import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkflowDef } from '../definition/parse-workflow-def.ts';
import { parseTaskDef } from '../definition/task-def.ts';
import type { WorkflowDef } from '../definition/workflow-def.ts';
import { workflowTaskSchema } from '../definition/workflow-task.ts';
import { taskKeyOf } from '../run/ids.ts';
import { compilePlan } from './compile-plan.ts';
import { continuationOf } from './continuation.ts';
import type { Plan, PlanNode } from './plan.ts';

// Half a second alone; on a busy machine many times that. It detects a hang, nothing else.
const WIDE_TIMEOUT_MS = 60_000;

type Loose = Readonly<Record<string, unknown>>;

const simple = (ref: string, rest: Loose = {}): Loose => ({
  name: 'work',
  taskReferenceName: ref,
  ...rest,
});
const fork = (ref: string, forkTasks: unknown): Loose =>
  simple(ref, { type: 'FORK_JOIN', forkTasks });
const join = (ref: string, joinOn: readonly string[]): Loose =>
  simple(ref, { type: 'JOIN', joinOn });
const choice = (ref: string, decisionCases: unknown, defaultCase: unknown = []): Loose =>
  simple(ref, {
    type: 'SWITCH',
    evaluatorType: 'value-param',
    expression: 'x',
    decisionCases,
    defaultCase,
  });

const definitionOf = (tasks: unknown, rest: Loose = {}): WorkflowDef =>
  parseWorkflowDef({ name: 'order', tasks, ...rest });

function nodeIn(plan: Plan, ref: string): PlanNode {
  const node = plan.nodes.get(ref);
  if (node === undefined) throw new Error(`no node ${ref}`);
  return node;
}

function after(plan: Plan, ref: string): string {
  const next = continuationOf(plan, nodeIn(plan, ref));
  return next.type === 'task' ? next.key : next.type;
}

const nested = compilePlan(
  definitionOf(
    [
      simple('first', { inputParameters: { x: '${workflow.input.a}' } }),
      fork('fork', [
        [
          simple('a1'),
          choice('sw', { one: [simple('c1'), simple('c2')], none: [] }, [simple('d1')]),
        ],
        [],
        [simple('b1'), simple('b2')],
      ]),
      join('join', ['b2', 'c2', 'sw']),
      choice('last', { x: [simple('x1')] }),
    ],
    { outputParameters: { o: '${b2.output.r}' } },
  ),
);

describe('a plan', () => {
  it('knows the place of every task', () => {
    expect(nested.first).toBe('first');
    expect([...nested.nodes.keys()].toSorted()).toEqual(
      ['first', 'fork', 'a1', 'sw', 'c1', 'c2', 'd1', 'b1', 'b2', 'join', 'last', 'x1'].toSorted(),
    );
    expect(nodeIn(nested, 'fork')).toMatchObject({ branches: ['a1', null, 'b1'], join: 'join' });
    expect(nodeIn(nested, 'sw')).toMatchObject({
      frame: { kind: 'branch', fork: 'fork', index: 0 },
      defaultCase: 'd1',
      joins: ['join'],
    });
    expect([...nodeIn(nested, 'sw').cases]).toEqual([
      ['one', 'c1'],
      ['none', null],
    ]);
    expect(nodeIn(nested, 'c2')).toMatchObject({
      frame: { kind: 'case', switch: 'sw' },
      joins: ['join'],
    });
    expect(nodeIn(nested, 'a1').joins).toEqual([]);
    expect(nested.outputReads).toEqual([{ root: 'b2', path: ['output', 'r'] }]);
    expect(nodeIn(nested, 'first').reads).toEqual([{ root: 'workflow', path: ['input', 'a'] }]);
  });

  it('says that the last of a branch, and nothing else, needs no successor', () => {
    const tails = [...nested.nodes.values()].filter((node) => node.isTail);
    expect(tails.map((node) => node.ref).toSorted()).toEqual(['b2', 'sw']);
  });

  it('says what follows, out of cases and up to the end of branches and of the run', () => {
    const followers = ['first', 'fork', 'join', 'last', 'x1', 'a1', 'sw', 'c1', 'c2', 'd1', 'b2'];
    expect(followers.map((ref) => `${ref} > ${after(nested, ref)}`)).toEqual([
      'first > fork',
      'fork > join',
      'join > last',
      'last > run-end',
      'x1 > run-end',
      'a1 > sw',
      'sw > branch-end',
      'c1 > c2',
      'c2 > branch-end',
      'd1 > branch-end',
      'b2 > branch-end',
    ]);
  });

  it('has the branches of a dynamic fork as data', () => {
    const dynamic = simple('dyn', {
      type: 'FORK_JOIN_DYNAMIC',
      inputParameters: { forkTaskInputs: '${workflow.input.list}', forkTaskName: 'work' },
    });
    const plan = compilePlan(definitionOf([dynamic, join('j', [])]));
    expect(nodeIn(plan, 'dyn').join).toBe('j');
    expect(nodeIn(plan, 'j').dynamicFork).toBe('dyn');
    const task = workflowTaskSchema.parse(
      simple('w0', { inputParameters: { x: '${other.output}' } }),
    );
    const node = plan.dynamicNode({ task, fork: taskKeyOf('dyn'), index: 4, width: 9 });
    expect(node).toMatchObject({
      ref: 'w0',
      joins: ['j'],
      joinWidth: 9,
      isTail: true,
      reads: [],
      origin: { fork: 'dyn', index: 4 },
      taskDef: { retryCount: 3 },
    });
    expect(continuationOf(plan, node)).toEqual({ type: 'branch-end', fork: 'dyn' });
  });

  it('compiles 10,000 branches in one pass', { timeout: WIDE_TIMEOUT_MS }, () => {
    const refs = Array.from({ length: 10_000 }, (_, index) => `b${index}`);
    const wide = definitionOf([
      fork(
        'f',
        refs.map((ref) => [simple(ref)]),
      ),
      join('j', refs),
    ]);
    const plan = compilePlan(wide);
    expect(plan.nodes.size).toBe(10_002);
    expect(nodeIn(plan, 'b9999').joins).toEqual(['j']);
  });
});

describe('the task definition in force', () => {
  const registered = new Map([
    [
      'work',
      parseTaskDef({ name: 'work', retryCount: 7, inputTemplate: { y: '${a.output}', x: 1 } }),
    ],
  ]);

  it('is the embedded one, else the registered one, else that of the type', () => {
    const definition = definitionOf([
      simple('a'),
      simple('b', { taskDefinition: { name: 'work', retryCount: 1 } }),
      simple('c', { name: 'unregistered' }),
      simple('d', { name: 'unregistered', type: 'CUSTOM' }),
    ]);
    const plan = compilePlan(definition, registered);
    const found = ['a', 'b', 'c', 'd'].map((ref) => {
      const { retryCount, responseTimeoutSeconds } = nodeIn(plan, ref).taskDef;
      return [retryCount, responseTimeoutSeconds];
    });
    expect(found).toEqual([
      [7, 3600],
      [1, 3600],
      [3, 3600],
      [0, 0],
    ]);
  });

  it('never retries an operator', () => {
    const definition = definitionOf([simple('n', { type: 'NOOP', retryCount: 5 })]);
    const node = nodeIn(compilePlan(definition, registered), 'n');
    expect([node.task.retryCount, node.taskDef.retryCount]).toEqual([undefined, 0]);
  });

  it('adds the reads of its input template where the task does not say otherwise', () => {
    const definition = definitionOf([simple('a'), simple('b', { inputParameters: { y: 2 } })]);
    const plan = compilePlan(definition, registered);
    expect(nodeIn(plan, 'a').reads).toEqual([{ root: 'a', path: ['output'] }]);
    expect(nodeIn(plan, 'b').reads).toEqual([]);
  });
});

/** Any tree of tasks; references are given by position afterwards. */
interface Shape {
  readonly kind: 'simple' | 'fork' | 'switch';
  readonly inside: readonly (readonly Shape[])[];
}

const shapes = fc.letrec<{ list: readonly Shape[]; shape: Shape }>((tie) => ({
  list: fc.array(tie('shape'), { maxLength: 3, depthIdentifier: 'tree' }),
  shape: fc.oneof(
    { depthIdentifier: 'tree', maxDepth: 4 },
    fc.constant<Shape>({ kind: 'simple', inside: [] }),
    fc.record<Shape>({
      kind: fc.constantFrom('fork' as const, 'switch' as const),
      inside: fc.array(tie('list'), { minLength: 1, maxLength: 3, depthIdentifier: 'tree' }),
    }),
  ),
})).list;

function tasksOf(list: readonly Shape[], path: string): Loose[] {
  return list.flatMap((shape, index) => {
    const ref = `${path}-${index}`;
    const inside = shape.inside.map((each, at) => tasksOf(each, `${ref}-${at}`));
    if (shape.kind === 'simple') return [simple(ref)];
    if (shape.kind === 'fork') return [fork(ref, inside), join(`${ref}-j`, [])];
    return [choice(ref, Object.fromEntries(inside.map((tasks, at) => [`c${at}`, tasks])))];
  });
}

describe('continuations', () => {
  it('reach every task exactly once when every branch and every case is walked', () => {
    fc.assert(
      fc.property(shapes, (list) => {
        const plan = compilePlan(definitionOf([...tasksOf(list, 't'), simple('end')]));
        const reached: string[] = [];
        const open: (string | null)[] = [plan.first];
        let runEnds = 0;
        for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
          if (ref === null) continue;
          reached.push(ref);
          const node = nodeIn(plan, ref);
          open.push(...node.branches, ...node.cases.values(), node.defaultCase);
          const next = continuationOf(plan, node);
          // The end of a case leads to what its switch leads to: count that way once, by the switch.
          const isOut = node.next === null && node.frame.kind === 'case';
          if (next.type === 'task' && !isOut) open.push(next.key);
          if (next.type === 'run-end' && !isOut) runEnds += 1;
          const outer = isOut && node.frame.kind === 'case' ? node.frame.switch : ref;
          expect(next).toEqual(continuationOf(plan, nodeIn(plan, outer)));
        }
        expect(reached.toSorted()).toEqual([...plan.nodes.keys()].toSorted());
        expect(runEnds).toBe(1);
      }),
    );
  });
});
