import { type JsonObject } from '@joinery/core';

/** A task of a worker whose input is the output of another, so that data really flows. */
function task(type: string, ref: string, payload: string): JsonObject {
  return { name: type, taskReferenceName: ref, type: 'SIMPLE', inputParameters: { payload } };
}

function join(ref: string, joinOn: readonly string[]): JsonObject {
  return { name: 'join', taskReferenceName: ref, type: 'JOIN', joinOn: [...joinOn] };
}

function forkTask(ref: string, forkTasks: readonly (readonly JsonObject[])[]): JsonObject {
  const branches = forkTasks.map((branch) => [...branch]);
  return { name: 'fork', taskReferenceName: ref, type: 'FORK_JOIN', forkTasks: branches };
}

/** Tasks one after the other, a type for each. */
export function chain(name: string, types: readonly string[]): JsonObject {
  const payloadOf = (index: number): string =>
    index === 0 ? '${workflow.input.payload}' : `\${${types[index - 1]}.output.payload}`;
  return { name, tasks: types.map((type, index) => task(type, type, payloadOf(index))) };
}

/** A task, a fork, its join and a task. */
export function fork(name: string, width: number): JsonObject {
  const branches = Array.from({ length: width }, (_, index) => `branch${index + 1}`);
  return {
    name,
    tasks: [
      task('first', 'first', '${workflow.input.payload}'),
      forkTask(
        'fork',
        branches.map((ref) => [task('branch', ref, '${first.output.payload}')]),
      ),
      join('join', branches),
      task('last', 'last', '${branch1.output.payload}'),
    ],
  };
}

/** A fork that is as wide as the list in its input, and its join; the result is that of the first branch. */
export function wideFork(name: string, type: string): JsonObject {
  return {
    name,
    tasks: [
      {
        name: 'fork',
        taskReferenceName: 'fork',
        type: 'FORK_JOIN_DYNAMIC',
        inputParameters: { forkTaskName: type, forkTaskInputs: '${workflow.input.branches}' },
      },
      { name: 'join', taskReferenceName: 'join', type: 'JOIN' },
    ],
    outputParameters: { payload: `\${join.output._fork_${type}_0.payload}` },
  };
}

/** Forks in forks, `depth` levels of them, each with its join; then a task. */
export function nested(name: string, width: number, depth: number): JsonObject {
  const grow = (path: string, left: number): readonly JsonObject[] => {
    if (left === 0) return [task('leaf', `leaf${path}`, '${workflow.input.payload}')];
    const paths = Array.from({ length: width }, (_, index) => `${path}_${index}`);
    const ends = paths.map((each) => (left === 1 ? `leaf${each}` : `join${each}`));
    const branches = paths.map((each) => grow(each, left - 1));
    return [forkTask(`fork${path}`, branches), join(`join${path}`, ends)];
  };
  const firstLeaf = `leaf${'_0'.repeat(depth)}`;
  return {
    name,
    tasks: [...grow('', depth), task('last', 'last', `\${${firstLeaf}.output.payload}`)],
  };
}
