import {
  isJsonObject,
  type Json,
  type JsonObject,
  parseWorkflowDef,
  type WorkflowDef,
} from '@joinery/core';
import fc from 'fast-check';
import { CHILD_DEFINITIONS } from '../definitions/child-definitions.ts';
import { type GeneratedDefinition } from '../definitions/arbitrary-definition.ts';
import { type ShapeOptions, arbitraryShapes, type TaskShape } from '../definitions/task-shape.ts';
import { writeDefinition } from '../definitions/write-definition.ts';

/** A definition that simulations run, with the shape from which it was written. */
export interface PooledDefinition {
  readonly shapes: readonly TaskShape[];
  readonly definition: JsonObject;
  readonly input: JsonObject;
  readonly parsed: WorkflowDef;
  /** Names of its worker tasks, those made at run time included. */
  readonly taskTypes: readonly string[];
  /** Some of its tasks start runs. */
  readonly hasChildren: boolean;
  /** WAIT tasks that only somebody from outside can complete. */
  readonly hasOpenWaits: boolean;
}

/**
 * `small`: known little forks. `plain`: the common operators, without time-outs. `timed`: with time-outs and silent
 * workers. `rich`: every operator, children of runs among them, without time-outs. `operated`: the same, with runs that
 * are opened again, skipped in, told of. `limited`: worker tasks that are limited over all runs.
 */
export const FAMILIES = ['small', 'plain', 'timed', 'rich', 'operated', 'limited'] as const;
/** One of {@link FAMILIES}. */
export type Family = (typeof FAMILIES)[number];

/** Seeds that share the definitions from which they choose: generating some at once is far cheaper than one at a time. */
const SEEDS_PER_BLOCK = 512;
const DEFINITIONS_PER_BLOCK = 48;

const RICH: ShapeOptions = {
  maxDepth: 5,
  minTasks: 1,
  maxTasks: 3,
  hasTimeOuts: false,
  hasSubWorkflows: true,
  hasStarts: true,
  hasScripts: true,
  hasRareOperators: true,
};

const SHAPE_OPTIONS: Readonly<Record<Exclude<Family, 'small'>, ShapeOptions>> = {
  plain: { maxDepth: 5, minTasks: 1, maxTasks: 4, hasTimeOuts: false },
  timed: { maxDepth: 4, minTasks: 1, maxTasks: 4 },
  rich: RICH,
  operated: { ...RICH, maxDepth: 4 },
  limited: { maxDepth: 3, minTasks: 1, maxTasks: 3, hasTimeOuts: false, hasLimits: true },
};

const pools = new Map<string, readonly PooledDefinition[]>();
/** Blocks that are kept: simulations go through seeds in order, so an old block does not come again. */
const POOLS_LIMIT = 6;

/** The definitions among which a seed chooses; the same ones for ever. */
export function poolOf(family: Family, seed: number): readonly PooledDefinition[] {
  const block = family === 'small' ? 0 : Math.floor(seed / SEEDS_PER_BLOCK);
  const key = `${family}/${block}`;
  const known = pools.get(key);
  if (known !== undefined) return known;
  const pool = family === 'small' ? SMALL.map(pooled) : generated(SHAPE_OPTIONS[family], block);
  pools.set(key, pool);
  for (const oldest of pools.keys()) {
    if (pools.size <= POOLS_LIMIT) break;
    pools.delete(oldest);
  }
  return pool;
}

function generated(options: ShapeOptions, block: number): readonly PooledDefinition[] {
  const settings = { numRuns: DEFINITIONS_PER_BLOCK, seed: block + 1 };
  return [...fc.sample(arbitraryShapes(options), settings), WIDE].map(pooled);
}

/** Writes shapes down as a definition. */
export function pooled(shapes: readonly TaskShape[]): PooledDefinition {
  const written: GeneratedDefinition = writeDefinition(shapes, { retryDelaySeconds: 1 });
  const hasChildren = shapes.some(startsRuns);
  return {
    shapes,
    ...written,
    parsed: parseWorkflowDef(written.definition),
    taskTypes: taskTypesIn([
      written.definition,
      written.input,
      ...(hasChildren ? CHILD_DEFINITIONS : []),
    ]),
    hasChildren,
    hasOpenWaits: shapes.some(isOpenWait),
  };
}

function taskTypesIn(json: Json): readonly string[] {
  if (Array.isArray(json)) return json.flatMap(taskTypesIn);
  if (!isJsonObject(json)) return [];
  const { type, name } = json;
  const isWorkers = type === 'SIMPLE' || type === 'DYNAMIC';
  const own = isWorkers && typeof name === 'string' ? [name] : [];
  return [...own, ...Object.values(json).flatMap(taskTypesIn)];
}

function isOpenWait(shape: TaskShape): boolean {
  if (shape.kind === 'wait') return shape.seconds === null;
  return shape.kind === 'human' || shape.kind === 'yield' || insideOf(shape).some(isOpenWait);
}

function startsRuns(shape: TaskShape): boolean {
  return shape.kind === 'sub' || shape.kind === 'start' || insideOf(shape).some(startsRuns);
}

function insideOf(shape: TaskShape): readonly TaskShape[] {
  if (shape.kind === 'loop') return shape.body;
  if (shape.kind === 'fork') return shape.branches.flat();
  if (shape.kind === 'switch') return [...shape.cases.flat(), ...shape.defaultCase];
  return [];
}

const step: TaskShape = {
  kind: 'simple',
  isOptional: false,
  isPermissive: false,
  retryCount: 2,
  timeOut: 'none',
};

function forkOf(...branches: readonly (readonly TaskShape[])[]): TaskShape {
  return { kind: 'fork', branches, joinOn: null, isJoinOptional: false };
}

/** More rows than one decision writes. */
const WIDE: readonly TaskShape[] = [
  forkOf(...Array.from({ length: 270 }, () => [{ kind: 'noop' } as const])),
];

/** The three branches of the scope that is exhausted elsewhere, its smaller sisters, and one level more. */
const SMALL: readonly (readonly TaskShape[])[] = [
  [step],
  [step, step],
  [forkOf([step], [step])],
  [forkOf([step], [step]), step],
  [forkOf([step], [step], [step]), step],
  [forkOf([step], [forkOf([step], [step])])],
];
