import fc from 'fast-check';

/**
 * What a silent worker leads to: nothing, another attempt (by one of two timers), the run's end, a warning; `poll`: it
 * does not even take the task.
 */
export const TIME_OUTS = ['none', 'response', 'retry', 'run', 'alert', 'poll'] as const;
/** One of {@link TIME_OUTS}. */
export type TimeOut = (typeof TIME_OUTS)[number];

/** What limits attempts of one task over all runs: one at a time, so many starts per second, one per key. */
export const LIMITS = ['one', 'rate', 'key'] as const;
/** One of {@link LIMITS}. */
export type Limit = (typeof LIMITS)[number];

/** A worker task. */
export interface SimpleShape {
  readonly kind: 'simple';
  readonly isOptional: boolean;
  readonly isPermissive: boolean;
  readonly retryCount: number;
  readonly timeOut: TimeOut;
  /** A DYNAMIC task, which names its worker only when it is reached. */
  readonly isNamedLate?: boolean;
  readonly limit?: Limit;
}

/** A task that another run carries out. */
export interface SubShape {
  readonly kind: 'sub';
  readonly isOptional: boolean;
  readonly isPermissive: boolean;
  readonly retryCount: number;
  /** The next attempt is made in the decision that gives up the one before. */
  readonly isRetriedAtOnce: boolean;
}

/** A task of a definition that has no names yet. Generated and shrunk as such; names come when it is written down. */
export type TaskShape =
  | SimpleShape
  | SubShape
  | { readonly kind: 'noop' | 'set' | 'human' | 'yield' | 'start' }
  /** An INLINE task that doubles a number. */
  | { readonly kind: 'script'; readonly number: number }
  /** `seconds` null: until somebody completes it. */
  | { readonly kind: 'wait'; readonly seconds: number | null }
  | { readonly kind: 'terminate'; readonly status: 'COMPLETED' | 'FAILED' | 'TERMINATED' }
  | {
      readonly kind: 'fork';
      readonly branches: readonly (readonly TaskShape[])[];
      /** Which tasks inside the join names: bit i modulo 16 says whether the i-th is named; null = the tails. */
      readonly joinOn: number | null;
      readonly isJoinOptional: boolean;
      /** How many the join waits for; at most as many as it names; 0 = all. */
      readonly joinCount?: number;
    }
  | {
      readonly kind: 'dynamic';
      readonly branches: readonly SimpleShape[];
      /** Branches that may be open at a time; 0 = all. */
      readonly atOnce?: number;
    }
  /** A switch over single tasks, with an EXCLUSIVE_JOIN; beyond the last case is the default. */
  | {
      readonly kind: 'exclusive';
      readonly cases: readonly SimpleShape[];
      readonly defaultCase: SimpleShape | null;
      readonly taken: number;
    }
  | {
      readonly kind: 'loop';
      readonly body: readonly TaskShape[];
      /** Iterations; a loop without items does at least one. */
      readonly times: number;
      /** It goes through a list of that many items. */
      readonly hasItems: boolean;
    }
  | {
      readonly kind: 'switch';
      readonly cases: readonly (readonly TaskShape[])[];
      readonly defaultCase: readonly TaskShape[];
      /** Index of the case that is taken; beyond the last one: the default. */
      readonly taken: number;
      readonly isFromInput: boolean;
      /** A DECISION, for which an empty case is none. */
      readonly isDecision?: boolean;
    };

/** What may occur in generated definitions. */
export interface ShapeOptions {
  /** Levels of nesting. Default 4. */
  readonly maxDepth?: number;
  /** Tasks of the root sequence. Default 1 to 5. */
  readonly minTasks?: number;
  readonly maxTasks?: number;
  /** TERMINATE tasks. Default true. */
  readonly hasTerminate?: boolean;
  /** Time-outs and silent workers; they need a clock that can be moved. Default true. */
  readonly hasTimeOuts?: boolean;
  /** WAIT tasks. Default true. */
  readonly hasWaits?: boolean;
  /** SUB_WORKFLOW tasks, all of the definition `child`. Default false: somebody must play the children. */
  readonly hasSubWorkflows?: boolean;
  /** START_WORKFLOW tasks, which start runs of `grandchild` and leave them alone. Default false. */
  readonly hasStarts?: boolean;
  /** INLINE tasks. Default false: somebody must run their scripts. */
  readonly hasScripts?: boolean;
  /**
   * Loops, DECISION, DYNAMIC, EXCLUSIVE_JOIN, HUMAN, YIELD, joins that count and dynamic forks with a limit. Outcome
   * scripts are asked by task key then. Default false.
   */
  readonly hasRareOperators?: boolean;
  /** Limits of worker tasks. Default false. */
  readonly hasLimits?: boolean;
}

/** Sequences of task shapes. */
export function arbitraryShapes(options: ShapeOptions = {}): fc.Arbitrary<readonly TaskShape[]> {
  const { maxDepth = 4, minTasks = 1, maxTasks = 5 } = options;
  return fc.array(shapeArbitrary(options, maxDepth), { minLength: minTasks, maxLength: maxTasks });
}

function shapeArbitrary(options: ShapeOptions, depth: number): fc.Arbitrary<TaskShape> {
  const isRich = options.hasRareOperators === true;
  const plain = simpleArbitrary(options);
  const simple = simpleArbitrary(options, isRich);
  const leaves: fc.WeightedArbitrary<TaskShape>[] = [
    { weight: 24, arbitrary: simple },
    { weight: 3, arbitrary: fc.constantFrom({ kind: 'noop' }, { kind: 'set' }) },
  ];
  if (options.hasWaits !== false) leaves.push({ weight: 2, arbitrary: waitArbitrary });
  if (options.hasTerminate !== false) leaves.push({ weight: 1, arbitrary: terminateArbitrary });
  if (options.hasSubWorkflows === true) leaves.push({ weight: 6, arbitrary: subArbitrary });
  if (options.hasStarts === true) {
    leaves.push({ weight: 2, arbitrary: fc.constant({ kind: 'start' }) });
  }
  if (options.hasScripts === true) leaves.push({ weight: 2, arbitrary: scriptArbitrary });
  if (isRich) {
    leaves.push({ weight: 1, arbitrary: fc.constantFrom({ kind: 'human' }, { kind: 'yield' }) });
    leaves.push({ weight: 3, arbitrary: exclusiveArbitrary(plain) });
  }
  if (depth <= 1) return fc.oneof(...leaves);
  const inner = fc.array(shapeArbitrary(options, depth - 1), { maxLength: 3 });
  return fc.oneof(
    ...leaves,
    { weight: 10, arbitrary: forkArbitrary(inner, isRich) },
    { weight: 7, arbitrary: switchArbitrary(inner, isRich) },
    { weight: 3, arbitrary: dynamicArbitrary(plain, isRich) },
    ...(isRich ? [{ weight: 4, arbitrary: loopArbitrary(inner) }] : []),
  );
}

function simpleArbitrary(
  { hasTimeOuts = true, hasLimits = false }: ShapeOptions,
  canBeNamedLate = false,
): fc.Arbitrary<SimpleShape> {
  return fc.record({
    kind: fc.constant('simple'),
    isOptional: rarely(3),
    isPermissive: rarely(8),
    retryCount: fc.nat({ max: 3 }),
    isNamedLate: canBeNamedLate ? rarely(5) : fc.constant(false),
    timeOut: hasTimeOuts ? fc.constantFrom(...TIME_OUTS) : fc.constant('none'),
    ...(hasLimits && { limit: fc.constantFrom(...LIMITS) }),
  });
}

const subArbitrary: fc.Arbitrary<TaskShape> = fc.record({
  kind: fc.constant('sub'),
  isOptional: fc.nat({ max: 3 }).map((n) => n > 0),
  isPermissive: rarely(4),
  retryCount: fc.nat({ max: 3 }),
  isRetriedAtOnce: fc.boolean(),
});

const scriptArbitrary: fc.Arbitrary<TaskShape> = fc.record({
  kind: fc.constant('script'),
  number: fc.nat({ max: 9 }),
});

const waitArbitrary: fc.Arbitrary<TaskShape> = fc.record({
  kind: fc.constant('wait'),
  seconds: fc.option(fc.nat({ max: 20 }), { nil: null }),
});

const terminateArbitrary: fc.Arbitrary<TaskShape> = fc.record({
  kind: fc.constant('terminate'),
  status: fc.constantFrom('COMPLETED', 'FAILED', 'TERMINATED'),
});

function forkArbitrary(
  inner: fc.Arbitrary<readonly TaskShape[]>,
  isRich: boolean,
): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('fork'),
    branches: fc.array(inner, { minLength: 1, maxLength: 4 }),
    joinOn: fc.option(fc.nat({ max: 0xffff }), { nil: null }),
    isJoinOptional: rarely(8),
    joinCount: isRich ? fc.oneof(fc.constant(0), fc.nat({ max: 3 })) : fc.constant(0),
  });
}

function exclusiveArbitrary(simple: fc.Arbitrary<SimpleShape>): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('exclusive'),
    cases: fc.array(simple, { minLength: 1, maxLength: 2 }),
    defaultCase: fc.option(simple, { nil: null }),
    taken: fc.nat({ max: 2 }),
  });
}

function loopArbitrary(inner: fc.Arbitrary<readonly TaskShape[]>): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('loop'),
    body: inner,
    times: fc.nat({ max: 2 }),
    hasItems: fc.boolean(),
  });
}

function dynamicArbitrary(
  simple: fc.Arbitrary<SimpleShape>,
  isRich: boolean,
): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('dynamic'),
    branches: fc.array(simple, { maxLength: 4 }),
    atOnce: isRich ? fc.nat({ max: 2 }) : fc.constant(0),
  });
}

function switchArbitrary(
  inner: fc.Arbitrary<readonly TaskShape[]>,
  isRich: boolean,
): fc.Arbitrary<TaskShape> {
  return fc.record({
    kind: fc.constant('switch'),
    cases: fc.array(inner, { minLength: 1, maxLength: 3 }),
    defaultCase: inner,
    taken: fc.nat({ max: 3 }),
    isFromInput: fc.boolean(),
    isDecision: isRich ? rarely(3) : fc.constant(false),
  });
}

function rarely(oneIn: number): fc.Arbitrary<boolean> {
  return fc.nat({ max: oneIn - 1 }).map((n) => n === oneIn - 1);
}
