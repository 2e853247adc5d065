import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { RUN_TRANSITIONS, TASK_TRANSITIONS } from '../src/decide/transitions.ts';
import { INVARIANTS, type Invariant } from './invariant-checker.ts';
import { playRuns, type Played, type PlayOptions } from './play-runs.ts';

/** What each invariant's test says. */
const SENTENCES: Readonly<Record<(typeof INVARIANTS)[number], string>> = {
  I1: 'answers, and does not throw',
  I2: 'gives the same answer to the same, frozen input',
  I3: 'decides nothing when asked again',
  I4: 'puts no more rows than its bound',
  I5: 'schedules a task only after its predecessors',
  I6: 'fires a join once, when nothing that it waits for is open',
  I7: 'numbers attempts without a gap, and keeps each as it ended',
  I8: 'schedules nothing while the run is paused, closing or ended',
  I9: 'ends a run once, with nothing open',
  I10: 'decides on a slice as on the whole',
  I11: 'leaves no run standing still',
  I12: 'retries no more often than it may',
};

// Fewer would leave it to chance whether a cell was met in more than one situation.
const HITS = 100;

/** The tests of all invariants, over runs that are played beforehand. */
export function expectInvariants(
  plan: PlayOptions,
  bounds: { readonly sequences: number; readonly checks: number },
): void {
  describe('the decider, over random runs,', () => {
    let known: Played | null = null;
    const played = (): Played => (known ??= playRuns(plan));
    beforeAll(played, 600_000);

    it.each(INVARIANTS.map((name) => [name, SENTENCES[name]] as const))('%s %s', (name) => {
      expect(breaches(played(), name)).toEqual([]);
      expect(played().checker.checks.get(name)).toBeGreaterThanOrEqual(bounds.checks);
    });

    it('comes to what the reference model says', () => {
      expect(played().disagreements).toEqual([]);
      expect(played().compared).toBeGreaterThanOrEqual(bounds.sequences / 2);
    });

    it('makes only allowed transitions, counts open rows, and repairs nothing in healthy runs', () => {
      for (const name of ['table', 'count', 'healthy'] as const) {
        expect(breaches(played(), name)).toEqual([]);
      }
    });

    it('meets every allowed transition often', () => {
      const { runCells, taskCells } = played().checker;
      const rare = [
        ...RUN_TRANSITIONS.filter(({ from, on }) => (runCells.get(`${from} ${on}`) ?? 0) < HITS),
        ...TASK_TRANSITIONS.filter(
          ({ from, on, isSeldom }) =>
            isSeldom !== true && (taskCells.get(`${from} ${on}`) ?? 0) < HITS,
        ),
      ];
      expect(rare).toEqual([]);
    });

    it('was asked often, in long sequences, and mostly with at most one request for more', () => {
      const { sequences, events, checker } = played();
      expect(sequences).toBeGreaterThanOrEqual(bounds.sequences);
      expect(events / sequences).toBeGreaterThanOrEqual(25);
      const [none = 0, one = 0] = checker.requests;
      const all = checker.requests.reduce((sum, count) => sum + count, 0);
      expect((none + one) / all).toBeGreaterThan(0.85);
    });
  });
}

/** The numbers of the invariants in the head of `decide.ts`. */
export function documentedInvariants(): readonly string[] {
  const source = readFileSync(new URL('../src/decide/decide.ts', import.meta.url), 'utf8');
  return [...source.matchAll(/^ \*  (I\d+) /gm)].flatMap(([, name]) => name ?? []);
}

function breaches({ checker }: Played, name: Invariant): readonly string[] {
  return checker.breaches.filter(({ invariant }) => invariant === name).map(({ what }) => what);
}
