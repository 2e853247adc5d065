import { beforeAll, describe, expect, it } from 'vitest';
import { type CellPlan, DEPTHS, playCells, type PlayedCells } from './play-cells.ts';
import { OPERATIONS } from './play-pair.ts';

/** The tests over pairs of a definition and what comes of its tasks; each cell is hit so often, or they fail. */
export function expectCells(plan: CellPlan & { readonly pairs: number }): void {
  describe('a run with an operation on it', () => {
    let played: PlayedCells;
    beforeAll(() => {
      played = playCells(plan);
    }, 600_000);

    it('comes to what the reference model says, also when tasks come to something else after a reset', () => {
      expect(played.problems).toEqual([]);
      expect(played.pairs).toBeGreaterThanOrEqual(plan.pairs);
    });

    it('was met by every operation in every operator at every depth, often', () => {
      expect(played.hits.size).toBe(plan.operators.length * DEPTHS.length * OPERATIONS.length);
      const rare = [...played.hits].filter(([, hits]) => hits < plan.hitsEach);
      expect(rare).toEqual([]);
    });
  });
}
