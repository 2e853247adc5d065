import {
  arbitraryShapes,
  type GeneratedDefinition,
  type TaskShape,
  writeDefinition,
} from '@joinery/testing';
import fc from 'fast-check';

/*
 * Definitions that hold an operator at a depth: what is rare among random ones is made on purpose. Whatever is around it,
 * and what it is itself, is random.
 */

/** Operators of which the reference model can tell what a run with them comes to. */
export const OPERATORS = [
  'SIMPLE',
  'DYNAMIC',
  'SUB_WORKFLOW',
  'START_WORKFLOW',
  'NOOP',
  'SET_VARIABLE',
  'INLINE',
  'WAIT',
  'HUMAN',
  'YIELD',
  'TERMINATE',
  'FORK_JOIN',
  'JOIN',
  'FORK_JOIN_DYNAMIC',
  'SWITCH',
  'DECISION',
  'EXCLUSIVE_JOIN',
  'DO_WHILE',
] as const;
/** One of {@link OPERATORS}. */
export type AimedOperator = (typeof OPERATORS)[number];

/** The reference of a worker's task at the end, where one is wanted. */
export const LAST_REF = 'last';

/** Definitions in which the operator stands inside so many forks, cases and bodies. */
export function aimedDefinition(
  operator: AimedOperator,
  depth: number,
  { hasLast }: { readonly hasLast: boolean },
): fc.Arbitrary<GeneratedDefinition> {
  let shape = TARGETS[operator];
  for (let level = 0; level < depth; level += 1) shape = inside(shape);
  const shapes = fc.tuple(few, shape, few).map((parts) => parts.flat());
  return shapes.map((list) => withLast(writeDefinition(list), hasLast));
}

function withLast(generated: GeneratedDefinition, hasLast: boolean): GeneratedDefinition {
  const { definition } = generated;
  const tasks = Array.isArray(definition['tasks']) ? definition['tasks'] : [];
  const last = {
    name: LAST_REF,
    taskReferenceName: LAST_REF,
    type: 'SIMPLE',
    retryCount: 0,
    taskDefinition: { name: LAST_REF, responseTimeoutSeconds: 0 },
  };
  return hasLast
    ? { ...generated, definition: { ...definition, tasks: [...tasks, last] } }
    : generated;
}

/** Neighbours: none or one, and nothing that ends the run on purpose. */
const few = arbitraryShapes({
  minTasks: 0,
  maxTasks: 1,
  maxDepth: 1,
  hasTerminate: false,
  hasRareOperators: true,
});
/** The same, but mostly none: three levels multiply. */
const fewer = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few });
const body = arbitraryShapes({
  minTasks: 1,
  maxTasks: 2,
  maxDepth: 1,
  hasTerminate: false,
  hasRareOperators: true,
});
const bodies = fc.array(body, { minLength: 1, maxLength: 3 });
const simple = arbitraryShapes({
  minTasks: 1,
  maxTasks: 1,
  maxDepth: 1,
  hasTerminate: false,
  hasWaits: false,
})
  .map(([shape]) => shape)
  .filter((shape) => shape?.kind === 'simple');

const mayBe = fc.boolean();

const TARGETS: Readonly<Record<AimedOperator, fc.Arbitrary<TaskShape>>> = {
  SIMPLE: simple,
  DYNAMIC: simple.map((shape) => ({ ...shape, isNamedLate: true })),
  SUB_WORKFLOW: fc.record({
    kind: fc.constant('sub'),
    isOptional: mayBe,
    isPermissive: mayBe,
    retryCount: fc.nat({ max: 2 }),
    isRetriedAtOnce: mayBe,
  }),
  START_WORKFLOW: fc.constant({ kind: 'start' }),
  NOOP: fc.constant({ kind: 'noop' }),
  SET_VARIABLE: fc.constant({ kind: 'set' }),
  INLINE: fc.record({ kind: fc.constant('script'), number: fc.nat({ max: 9 }) }),
  WAIT: fc.record({
    kind: fc.constant('wait'),
    seconds: fc.option(fc.nat({ max: 9 }), { nil: null }),
  }),
  HUMAN: fc.constant({ kind: 'human' }),
  YIELD: fc.constant({ kind: 'yield' }),
  TERMINATE: fc.record({
    kind: fc.constant('terminate'),
    status: fc.constantFrom('COMPLETED', 'FAILED', 'TERMINATED'),
  }),
  FORK_JOIN: forkOf(bodies),
  JOIN: forkOf(bodies),
  FORK_JOIN_DYNAMIC: fc.record({
    kind: fc.constant('dynamic'),
    branches: fc.array(simple, { maxLength: 3 }),
    atOnce: fc.nat({ max: 2 }),
  }),
  SWITCH: choiceOf(bodies, false),
  DECISION: choiceOf(bodies, true),
  EXCLUSIVE_JOIN: fc.record({
    kind: fc.constant('exclusive'),
    cases: fc.array(simple, { minLength: 1, maxLength: 2 }),
    defaultCase: fc.option(simple, { nil: null }),
    taken: fc.nat({ max: 2 }),
  }),
  DO_WHILE: fc.record({
    kind: fc.constant('loop'),
    body,
    times: fc.nat({ max: 2 }),
    hasItems: mayBe,
  }),
};

/** One level around a shape; the flow comes there. */
function inside(shape: fc.Arbitrary<TaskShape>): fc.Arbitrary<TaskShape> {
  const sequence = fc.tuple(shape, fewer).map((parts) => parts.flat());
  return fc.oneof(
    fc.record({
      kind: fc.constant('fork'),
      branches: fc.tuple(sequence, fewer),
      joinOn: fc.option(fc.nat({ max: 0xffff }), { nil: null }),
      isJoinOptional: mayBe,
    }),
    fc.record({
      kind: fc.constant('switch'),
      cases: fc.tuple(sequence, fewer),
      defaultCase: fewer,
      taken: fc.constant(0),
      isFromInput: mayBe,
      isDecision: mayBe,
    }),
    fc.record({
      kind: fc.constant('loop'),
      body: sequence,
      times: fc.constantFrom(1, 1, 1, 2),
      hasItems: mayBe,
    }),
  );
}

function forkOf(branches: fc.Arbitrary<(readonly TaskShape[])[]>): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('fork'),
    branches,
    joinOn: fc.option(fc.nat({ max: 0xffff }), { nil: null }),
    isJoinOptional: mayBe,
    joinCount: fc.nat({ max: 2 }),
  });
}

function choiceOf(
  cases: fc.Arbitrary<(readonly TaskShape[])[]>,
  isDecision: boolean,
): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('switch'),
    cases,
    defaultCase: few,
    taken: fc.nat({ max: 3 }),
    isFromInput: mayBe,
    isDecision: fc.constant(isDecision),
  });
}
