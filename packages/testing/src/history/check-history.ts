import { type RunId } from '@joinery/core';
import { type Expectation, type RunEvidence, type Witnesses } from './evidence.ts';
import { judgeJoins } from './judge-joins.ts';
import { judgeRun } from './judge-run.ts';
import { judgeTasks } from './judge-tasks.ts';
import { judgeCommits, judgeExecutions } from './judge-witnesses.ts';

/**
 * The rules that are judged. H1 versions 1..n · H2 legal order · H4 rows and record as the history says · H5 one
 * scheduling per attempt, attempts in order · H6 one end per attempt, one success per task · H7 results carry the
 * current token · H8 attempts within bounds · H10 every execution was handed out, every result was executed · H11 one
 * end of a run · H12 nothing new after it · H16 each join once, after all it waits for · H22 the run has ended ·
 * H25 fences grow · H27 results as computed directly.
 */
export type Rule =
  | 'H1'
  | 'H2'
  | 'H4'
  | 'H5'
  | 'H6'
  | 'H7'
  | 'H8'
  | 'H10'
  | 'H11'
  | 'H12'
  | 'H16'
  | 'H22'
  | 'H25'
  | 'H27';

/** One rule broken by one run. */
export interface Breach {
  readonly rule: Rule;
  readonly runId: RunId;
  readonly what: string;
}

/** How a rule says that it was broken. */
export type Accuse = (rule: Rule, what: string) => void;

/** Valid only when every rule could be judged and none was broken. */
export interface HistoryVerdict {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly breaches: readonly Breach[];
  /** Why something could not be judged. */
  readonly unknowns: readonly string[];
  readonly runCount: number;
}

/** A run with what it should have come to. */
export interface Case {
  readonly evidence: RunEvidence;
  readonly expected: Expectation;
}

/** Judges runs by their histories, rows, results and by what was seen from outside. Decides nothing by the engine's code. */
export function checkHistory(cases: readonly Case[], witnesses: Witnesses): HistoryVerdict {
  const breaches: Breach[] = [];
  const unknowns: string[] = [];
  if (cases.length === 0) unknowns.push('there are no runs');
  if (witnesses.ledger === null) unknowns.push('H10: nobody kept a ledger');
  if (witnesses.commits === null) unknowns.push('H25: nobody noted the commits');
  for (const { evidence, expected } of cases) {
    const { runId } = evidence;
    const accuse: Accuse = (rule, what) => breaches.push({ rule, runId, what });
    if (evidence.run === null) {
      unknowns.push(`run ${runId} is gone`);
      continue;
    }
    judgeRun({ ...evidence, run: evidence.run }, expected, accuse);
    judgeTasks(evidence, expected, accuse);
    judgeJoins(evidence, expected, accuse);
  }
  const evidence = cases.flatMap((each) => (each.evidence.run === null ? [] : [each.evidence]));
  const accuseRun = (runId: RunId, rule: Rule, what: string): void => {
    breaches.push({ rule, runId, what });
  };
  if (witnesses.ledger !== null) judgeExecutions(evidence, witnesses.ledger, accuseRun);
  if (witnesses.commits !== null) judgeCommits(witnesses.commits, accuseRun);
  const verdict = breaches.length > 0 ? 'invalid' : unknowns.length > 0 ? 'unknown' : 'valid';
  return { verdict, breaches, unknowns, runCount: cases.length };
}
