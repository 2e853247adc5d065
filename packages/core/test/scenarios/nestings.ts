import type { Json } from '@joinery/core';
import { choose, fork, simple } from '../flow.ts';
import { dynamic, loop, sub, type Act, type Scenario } from './scenario.ts';

/*
 * Every nesting to depth 3. What is expected is put together from what the reference says of each operator by itself,
 * and never asked of the decider: a FORK makes its own row, what its branches begin with, and its JOIN; a SWITCH and a
 * DO_WHILE make their own row and what is inside begins with; all other rows come when the task before them is done.
 * A dynamic fork has tasks or runs as branches, and nothing else is inside of it. A SUB_WORKFLOW is a run of its own,
 * played apart, as a child.
 */

/** A row of what is entered at once. `isDone`: it needs nobody, so that a run that ends leaves it COMPLETED. */
interface Entered {
  readonly key: string;
  readonly isDone: boolean;
}

/** A part of a definition with what it comes to; `at` are the iterations around it, as keys have them. */
interface Part {
  readonly tasks: readonly Json[];
  readonly entered: (at: string) => readonly Entered[];
  readonly later: (at: string) => readonly string[];
  readonly acts: (at: string) => readonly Act[];
  /** The first of its tasks that somebody has to do. */
  readonly first: (at: string) => string;
  readonly isRun: boolean;
}

const open = (key: string): Entered => ({ key, isDone: false });
const done = (key: string): Entered => ({ key, isDone: true });

/** A part, and a worker's task after it. */
function followed(part: Part, ref: string): Part {
  return {
    ...part,
    tasks: [...part.tasks, simple(ref)],
    later: (at) => [...part.later(at), `${ref}${at}`],
    acts: (at) => [...part.acts(at), `finish ${ref}${at}`],
  };
}

function worker(ref: string): Part {
  return {
    tasks: [simple(ref)],
    entered: (at) => [open(`${ref}${at}`)],
    later: () => [],
    acts: (at) => [`finish ${ref}${at}`],
    first: (at) => `${ref}${at}`,
    isRun: false,
  };
}

/** What can hold others. */
const AROUND: Readonly<Record<string, (depth: number, inner: Part) => Part>> = {
  FORK_JOIN: (depth, inner) => {
    const [ref, last, other] = [`f${depth}`, `fl${depth}`, `fo${depth}`];
    const body = followed(inner, last);
    return {
      ...body,
      tasks: fork(ref, [body.tasks, [simple(other)]], [last, other]),
      entered: (at) => [
        done(`${ref}${at}`),
        ...body.entered(at),
        open(`${other}${at}`),
        open(`${ref}_join${at}`),
      ],
      acts: (at) => [...body.acts(at), `finish ${other}${at}`],
    };
  },
  SWITCH: (depth, inner) => {
    const ref = `s${depth}`;
    const body = followed(inner, `sl${depth}`);
    return {
      ...body,
      tasks: [choose(ref, 'yes', { yes: body.tasks, no: [simple(`sn${depth}`)] })],
      entered: (at) => [done(`${ref}${at}`), ...body.entered(at)],
    };
  },
  DO_WHILE: (depth, inner) => {
    const ref = `l${depth}`;
    const body = followed(inner, `ll${depth}`);
    return {
      ...body,
      tasks: [loop(ref, 2, body.tasks)],
      entered: (at) => [open(`${ref}${at}`), ...body.entered(`${at}__1`)],
      later: (at) => [
        ...body.later(`${at}__1`),
        ...body.entered(`${at}__2`).map(({ key }) => key),
        ...body.later(`${at}__2`),
      ],
      acts: (at) => [...body.acts(`${at}__1`), ...body.acts(`${at}__2`)],
      first: (at) => body.first(`${at}__1`),
    };
  },
};

const INNERMOST: Readonly<Record<string, (depth: number) => Part>> = {
  FORK_JOIN: (depth) => around('FORK_JOIN', depth, worker('x')),
  SWITCH: (depth) => around('SWITCH', depth, worker('x')),
  DO_WHILE: (depth) => around('DO_WHILE', depth, worker('x')),
  FORK_JOIN_DYNAMIC: (depth) => expanded(depth, false),
  'FORK_JOIN_DYNAMIC > SUB_WORKFLOW': (depth) => expanded(depth, true),
  SUB_WORKFLOW: (depth) => ({
    tasks: [sub(`c${depth}`)],
    entered: (at) => [open(`c${depth}${at}`)],
    later: () => [],
    acts: (at) => [`child c${depth}${at} COMPLETED`],
    first: (at) => `c${depth}${at}`,
    isRun: true,
  }),
};

/** A dynamic fork of two branches: workers' tasks, or runs. */
function expanded(depth: number, isRun: boolean): Part {
  const ref = `d${depth}`;
  const items = [{ n: 1 }, { n: 2 }];
  const branches = (at: string): readonly string[] =>
    [0, 1].map((index) => `_${ref}_${isRun ? 'child' : 'w'}_${index}${at}`);
  const named = { forkTaskWorkflow: 'child', forkTaskInputs: items };
  return {
    tasks: dynamic(ref, items, isRun ? { inputParameters: named } : {}),
    entered: (at) => [
      done(`${ref}${at}`),
      ...branches(at).map((key) => open(key)),
      open(`${ref}_join${at}`),
    ],
    later: () => [],
    acts: (at) =>
      branches(at).map((key): Act => (isRun ? `child ${key} COMPLETED` : `finish ${key}`)),
    first: (at) => branches(at)[0] ?? '',
    isRun,
  };
}

function around(name: string, depth: number, inner: Part): Part {
  const make = AROUND[name];
  if (make === undefined) throw new Error(`${name} holds nothing`);
  return make(depth, inner);
}

/** The ways in which the run of a part goes. */
function told(names: readonly string[], part: Part): readonly Scenario[] {
  const title = names.join(' > ');
  const { tasks } = followed(part, 'last');
  const entered = part.entered('');
  const first = part.first('');
  const isChild = names[0] === 'SUB_WORKFLOW';
  const ended = (own: string): string =>
    entered
      .map(({ key, isDone }) => {
        if (key === first) return `${key}:${own}`;
        return isDone ? key : `${key}:CANCELED`;
      })
      .join(' ');
  const keys = [...entered.map(({ key }) => key), ...part.later(''), 'last'];
  return [
    {
      name: `${title}, all done`,
      tasks,
      isChild,
      acts: [...part.acts(''), 'finish last'],
      rows: keys.join(' '),
      status: 'COMPLETED',
    },
    {
      name: `${title}, whose first task fails`,
      tasks,
      isChild,
      acts: [part.isRun ? `child ${first} FAILED` : `kill ${first}`],
      rows: ended(part.isRun ? 'FAILED' : 'FAILED_WITH_TERMINAL_ERROR'),
      status: 'FAILED',
    },
    {
      name: `${title}, terminated`,
      tasks,
      isChild,
      acts: ['terminate'],
      rows: ended('CANCELED'),
      status: 'TERMINATED',
    },
  ];
}

const holders = Object.keys(AROUND);
const pairs = holders.flatMap((outer) =>
  Object.entries(INNERMOST).map(([name, make]) => ({
    names: [outer, name],
    part: around(outer, 1, make(2)),
  })),
);
const triples = holders.flatMap((outer) =>
  holders.flatMap((middle) =>
    Object.entries(INNERMOST).map(([name, make]) => ({
      names: [outer, middle, name],
      part: around(outer, 1, around(middle, 2, make(3))),
    })),
  ),
);

/** The run of a SUB_WORKFLOW by itself: what it holds, and that its parent hears of its end. */
const children = Object.entries(INNERMOST).flatMap(([name, make]) =>
  told(['SUB_WORKFLOW', name], make(1)),
);

/** What holds others around what can be innermost, and that around it once more; each goes in three ways. */
export const nestings: readonly Scenario[] = [
  ...[...pairs, ...triples].flatMap(({ names, part }) => told(names, part)),
  ...children,
];
