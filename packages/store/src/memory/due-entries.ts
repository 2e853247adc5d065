/** Entries of a scored set whose score has come, first come first; members of one score by their bytes, as in a ZSET. */
export function dueEntries<Member extends string>(
  scores: ReadonlyMap<Member, number>,
  now: number,
  limit = Number.POSITIVE_INFINITY,
): readonly Member[] {
  return inOrder(scores)
    .filter(([, score]) => score <= now)
    .slice(0, limit)
    .map(([member]) => member);
}

/** Entries of a scored set in the order of a ZSET. */
export function inOrder<Member extends string>(
  scores: ReadonlyMap<Member, number>,
): readonly (readonly [Member, number])[] {
  return [...scores].toSorted(
    ([left, leftScore], [right, rightScore]) =>
      leftScore - rightScore || Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
}

/** The lowest score of a set; infinite when the set is empty. */
export function firstScore(scores: ReadonlyMap<string, number>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const score of scores.values()) first = Math.min(first, score);
  return first;
}
