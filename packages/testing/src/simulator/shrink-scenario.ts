import { type TaskShape } from '../definitions/task-shape.ts';
import { pooled } from './definition-pool.ts';
import { type Fault } from './fault.ts';
import { type Scenario } from './scenario.ts';

/** Whether a scenario still shows what is being looked for. */
export type StillFails = (scenario: Scenario) => Promise<boolean>;

/** Tries after which it is small enough: each is a whole simulation. */
const TRIES_LIMIT = 400;

/**
 * Makes a failing scenario smaller while it fails (delta debugging): fewer faults, operations, runs and processes, a
 * smaller definition. What is left is what the failure needs, as far as leaving out one thing at a time can tell.
 */
export async function shrinkScenario(
  scenario: Scenario,
  stillFails: StillFails,
): Promise<{ readonly scenario: Scenario; readonly tries: number }> {
  let smallest = scenario;
  let tries = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerScenarios(smallest)) {
      if (tries >= TRIES_LIMIT) return { scenario: smallest, tries };
      tries += 1;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return { scenario: smallest, tries };
}

/** The scenarios that are one step smaller, boldest steps first. */
function* smallerScenarios(scenario: Scenario): Generator<Scenario> {
  const { faults, operations, definition } = scenario;
  for (const some of smallerLists(faults)) yield { ...scenario, faults: some };
  for (const some of smallerLists(operations)) yield { ...scenario, operations: some };
  for (const count of ['runs', 'workers', 'coordinators', 'partitions'] as const) {
    if (scenario[count] > 1) yield* withSoonerFaults({ ...scenario, [count]: 1 });
    if (scenario[count] > 2) yield* withSoonerFaults({ ...scenario, [count]: scenario[count] - 1 });
  }
  for (const shapes of smallerSequences(definition.shapes)) {
    if (shapes.length > 0) yield* withSoonerFaults({ ...scenario, definition: pooled(shapes) });
  }
  for (const percent of ['slowHandlers', 'failures'] as const) {
    if (scenario[percent] > 0) yield { ...scenario, [percent]: 0 };
  }
  if (scenario.lock !== 'fused') yield { ...scenario, lock: 'fused' };
}

/** A smaller scenario comes sooner to the step that a fault must hit. */
function* withSoonerFaults(scenario: Scenario): Generator<Scenario> {
  yield scenario;
  for (const part of [3 / 4, 1 / 2, 1 / 4]) {
    const sooner = (fault: Fault): Fault => ({ ...fault, step: Math.floor(fault.step * part) });
    if (scenario.faults.length > 0) yield { ...scenario, faults: scenario.faults.map(sooner) };
  }
}

/** Without its first half, without its second, without each of its items. */
function* smallerLists<T>(list: readonly T[]): Generator<readonly T[]> {
  const half = Math.floor(list.length / 2);
  if (half > 0) {
    yield list.slice(half);
    yield list.slice(0, half);
  }
  for (const [index] of list.entries()) yield list.toSpliced(index, 1);
}

/** Sequences with less in them: without a task, with what is inside a task in its place, with a smaller task. */
function* smallerSequences(sequence: readonly TaskShape[]): Generator<readonly TaskShape[]> {
  yield* smallerLists(sequence);
  for (const [index, shape] of sequence.entries()) {
    for (const inner of sequencesIn(shape)) yield sequence.toSpliced(index, 1, ...inner);
    for (const smaller of smallerShapes(shape)) yield sequence.with(index, smaller);
  }
}

function sequencesIn(shape: TaskShape): readonly (readonly TaskShape[])[] {
  if (shape.kind === 'fork') return shape.branches;
  if (shape.kind === 'switch') return [...shape.cases, shape.defaultCase];
  if (shape.kind === 'loop') return [shape.body];
  return [];
}

function* smallerShapes(shape: TaskShape): Generator<TaskShape> {
  if (shape.kind === 'fork') {
    for (const branches of smallerBranches(shape.branches)) yield { ...shape, branches };
    if (shape.joinOn !== null) yield { ...shape, joinOn: null };
  }
  if (shape.kind === 'dynamic') {
    for (const branches of smallerLists(shape.branches)) yield { ...shape, branches };
  }
  if (shape.kind === 'switch') {
    for (const defaultCase of smallerSequences(shape.defaultCase)) yield { ...shape, defaultCase };
    for (const [index, each] of shape.cases.entries()) {
      for (const smaller of smallerSequences(each)) {
        yield { ...shape, cases: shape.cases.with(index, smaller) };
      }
    }
  }
  if (shape.kind === 'loop') {
    if (shape.times > 0) yield { ...shape, times: shape.times - 1 };
    for (const body of smallerSequences(shape.body)) yield { ...shape, body };
  }
  if ((shape.kind === 'simple' || shape.kind === 'sub') && shape.retryCount > 0)
    yield { ...shape, retryCount: 0 };
}

/** A fork has one branch at least. */
function* smallerBranches(
  branches: readonly (readonly TaskShape[])[],
): Generator<readonly (readonly TaskShape[])[]> {
  for (const fewer of smallerLists(branches)) if (fewer.length > 0) yield fewer;
  for (const [index, branch] of branches.entries()) {
    for (const smaller of smallerSequences(branch)) yield branches.with(index, smaller);
  }
}
