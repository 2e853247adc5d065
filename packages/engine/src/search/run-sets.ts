import { type RunCondition, type RunField } from '@joinery/core';
import { definitionStatus, type RunIndex, type RunSet, type RunSpan } from '@joinery/store';

/** Sets of the index that hold every run that some conditions allow. */
export interface Cover {
  readonly sets: readonly RunSet[];
  /** Conditions of which nothing is left to be tested. */
  readonly covered: ReadonlySet<RunCondition>;
}

/** More sets than this are not merged: testing every entry is cheaper. */
const SETS_LIMIT = 50;

const KINDS: ReadonlyMap<RunField, RunSet['kind']> = new Map<RunField, RunSet['kind']>([
  ['definition', 'definition'],
  ['status', 'status'],
  ['correlationId', 'correlation'],
  ['parentId', 'parent'],
]);

/** The cover with the fewest runs in the span. */
export async function smallestCover(
  index: RunIndex,
  conditions: readonly RunCondition[],
  span: RunSpan,
): Promise<Cover> {
  const covers = coversOf(conditions);
  const sizes = await Promise.all(covers.map(({ sets }) => countSets(index, sets, span)));
  const smallest = Math.min(...sizes);
  return covers[sizes.indexOf(smallest)] ?? EVERYTHING;
}

const EVERYTHING: Cover = { sets: [{ kind: 'all', value: '' }], covered: new Set() };

function coversOf(conditions: readonly RunCondition[]): readonly Cover[] {
  const covers = conditions.flatMap((condition): readonly Cover[] => {
    const kind = condition.type === 'one-of' ? KINDS.get(condition.field) : undefined;
    const values = exactValues(condition);
    if (kind === undefined || values === null) return [];
    return [{ sets: values.map((value) => ({ kind, value })), covered: new Set([condition]) }];
  });
  // The narrower ones first: of equal size, they leave less to be tested.
  return [...bothOf(conditions), ...covers, EVERYTHING];
}

/** Definition and status together have sets of their own. */
function bothOf(conditions: readonly RunCondition[]): readonly Cover[] {
  const of = (field: RunField): RunCondition | undefined =>
    conditions.find((each) => each.type === 'one-of' && each.field === field);
  const [definition, status] = [of('definition'), of('status')];
  const [names, statuses] = [exactValues(definition), exactValues(status)];
  if (!definition || !status || names === null || statuses === null) return [];
  if (names.length * statuses.length > SETS_LIMIT) return [];
  const sets = names.flatMap((name) =>
    statuses.map((each): RunSet => {
      return { kind: 'definition-status', value: definitionStatus(name, each) };
    }),
  );
  return [{ sets, covered: new Set([definition, status]) }];
}

/** Distinct values that stand for themselves; null = not only such, or too many. What is empty is in no set. */
function exactValues(condition: RunCondition | undefined): readonly string[] | null {
  if (condition?.type !== 'one-of') return null;
  const values = [...new Set(condition.values)];
  const areExact = values.every((value) => value !== '' && !value.endsWith('*'));
  return areExact && values.length <= SETS_LIMIT ? values : null;
}

/** Runs in sets that have none in common, over all partitions. */
export async function countSets(
  index: RunIndex,
  sets: readonly RunSet[],
  span: RunSpan,
): Promise<number> {
  const partitions = Array.from({ length: index.partitions }, (_none, partition) => partition);
  const counts = await Promise.all(
    partitions.flatMap((partition) => sets.map((set) => index.count(partition, set, span))),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
