import { type JsonObject } from '@joinery/core';

/** Joins that could never fire, or that say nothing certain; each with the code under which registration refuses it. */
export const REFUSED_JOINS: readonly {
  readonly what: string;
  readonly code: string;
  readonly definition: JsonObject;
}[] = [
  refused('waits for a task that is not there', 'JN_DEF_JOIN_ON', [fork([['a']]), join(['x'])]),
  refused('waits for itself', 'JN_DEF_JOIN_ON', [fork([['a']]), join(['join'])]),
  refused('waits for its own fork', 'JN_DEF_JOIN_ON', [fork([['a']]), join(['fork'])]),
  refused('names a task twice', 'JN_DEF_JOIN_ON', [fork([['a'], ['b']]), join(['a', 'a'])]),
  refused('waits for what comes after', 'JN_DEF_JOIN_ON', [
    fork([['a']]),
    join(['after']),
    noop('after'),
  ]),
  refused('has no fork before it', 'JN_DEF_JOIN_WITHOUT_FORK', [noop('a'), join([])]),
  refused('does not follow its fork', 'JN_DEF_FORK_WITHOUT_JOIN', [fork([['a']]), noop('b')]),
  refused('waits for more than there are', 'JN_DEF_REQUIRED', [
    fork([['a']]),
    { ...join(['a']), joinCount: 2 },
  ]),
];

function refused(
  what: string,
  code: string,
  tasks: readonly JsonObject[],
): (typeof REFUSED_JOINS)[number] {
  return { what, code, definition: { name: 'refused_join', tasks } };
}

function noop(ref: string): JsonObject {
  return { name: 'noop', taskReferenceName: ref, type: 'NOOP' };
}

function fork(branches: readonly (readonly string[])[]): JsonObject {
  const forkTasks = branches.map((refs) => refs.map(noop));
  return { name: 'fork', taskReferenceName: 'fork', type: 'FORK_JOIN', forkTasks };
}

function join(joinOn: readonly string[]): JsonObject {
  return { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn };
}
