import { createHash } from 'node:crypto';
import { type Violation } from '../invariants/system-watch.ts';
import { playOn } from '../simulate.ts';
import { type JoinScope, JoinScopeRun } from './join-scope.ts';

/** What exhausting a scope has come to. */
export interface Explored {
  /** Different states that can be reached, the first one included. */
  readonly states: number;
  /** States in which nobody has anything to do until time goes on: each was played on to the run's end. */
  readonly quiet: number;
  readonly transitions: number;
  /** Longest way to a new state. */
  readonly depth: number;
  /** Of the first state in which a rule does not hold; then the search has stopped. */
  readonly violations: readonly Violation[];
  /** The way there. */
  readonly way: readonly Choice[];
}

/** What happens next: the call of one process, or its end. */
export interface Choice {
  readonly process: number;
  readonly isCrash: boolean;
}

/**
 * Visits every state of a scope that some order of calls leads to, and holds each to the rules. States are known again
 * by everything that the future depends on. Processes cannot be copied, so each way is walked again from the beginning.
 */
export async function exploreStates(scope: JoinScope): Promise<Explored> {
  const seen = new Set<string>();
  const ways: Choice[][] = [[]];
  const counts = { states: 0, quiet: 0, transitions: 0, depth: 0 };
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    const run = await walk(scope, way);
    for (;;) {
      counts.transitions += 1;
      const { violations } = run.world.watch;
      if (violations.length > 0) return { ...counts, violations, way };
      const key = createHash('sha1').update(run.state()).digest('base64');
      if (seen.has(key)) break;
      seen.add(key);
      counts.states += 1;
      counts.depth = Math.max(counts.depth, way.length);
      const [first, ...others] = choicesOf(scope, run);
      if (first === undefined) {
        counts.quiet += 1;
        const ended = await playOn(run.world, false);
        if (ended.violations.length > 0) return { ...counts, violations: ended.violations, way };
        break;
      }
      for (const choice of others) ways.push([...way, choice]);
      way = [...way, first];
      await take(run, first);
    }
  }
  return { ...counts, violations: [], way: [] };
}

function choicesOf(scope: JoinScope, run: JoinScopeRun): readonly Choice[] {
  const { able } = run;
  const calls = able.map((process) => ({ process, isCrash: false }));
  if (run.crashes >= scope.crashes) return calls;
  return [...calls, ...able.map((process) => ({ process, isCrash: true }))];
}

async function walk(scope: JoinScope, way: readonly Choice[]): Promise<JoinScopeRun> {
  const run = await JoinScopeRun.begin(scope);
  for (const choice of way) await take(run, choice);
  return run;
}

async function take(run: JoinScopeRun, { process, isCrash }: Choice): Promise<void> {
  if (isCrash) run.crash(process);
  else await run.run(process);
}
