import { beforeAll, describe, expect, it } from 'vitest';
import { playResets, type PlayedResets } from '../../../test/play-resets.ts';

const hits = ({ cells }: PlayedResets, cell: string): number =>
  [0, 1, 2, 3].reduce((sum, depth) => sum + (cells.get(`${cell} ${depth}`) ?? 0), 0);

describe('a run that was reset', () => {
  let played: PlayedResets;
  beforeAll(() => {
    played = playResets({ pairs: 400, seed: 11 });
  }, 120_000);

  it('comes to what a fresh run comes to, when its tasks come to the same', () => {
    expect(played.problems).toEqual([]);
    expect(played.pairs).toBeGreaterThanOrEqual(400);
  });

  it('was restarted, retried, and rerun from every kind of operator', () => {
    const kinds = ['SIMPLE', 'FORK_JOIN', 'JOIN', 'SWITCH', 'DO_WHILE', 'FORK_JOIN_DYNAMIC'];
    const rare = ['restart', 'retry', 'rerun']
      .flatMap((operation) => kinds.map((kind) => `${operation} ${kind}`))
      .filter((cell) => hits(played, cell) < 5);
    expect(rare).toEqual([]);
  });
});
