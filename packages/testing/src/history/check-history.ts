import { type RunId } from '@joinery/core';
import { type Expectation, type RunEvidence, type Witnesses } from './evidence.ts';
import { judgeClients } from './judge-clients.ts';
import { judgeFlow } from './judge-flow.ts';
import { judgeJoins } from './judge-joins.ts';
import { judgeLeftovers } from './judge-leftovers.ts';
import { judgeLoss } from './judge-loss.ts';
import { emptinessOf } from './judge-performance.ts';
import { judgeRun } from './judge-run.ts';
import { judgeTasks } from './judge-tasks.ts';
import { judgeCommits, judgeExecutions } from './judge-witnesses.ts';
import { type Invariant, type RuleVerdict, ruleVerdicts } from './rule-verdicts.ts';
import { type RULES } from './rules.ts';

/** An invariant by its id; the table says what it asks for. */
export type Rule = keyof typeof RULES;

/** One rule broken by one run. */
export interface Breach {
  readonly rule: Rule;
  readonly runId: RunId;
  readonly what: string;
}

/** How a rule says that it was broken. */
export type Accuse = (rule: Rule, what: string) => void;

/** The same, where one judge looks at many runs. */
export type AccuseRun = (runId: RunId, rule: Rule, what: string) => void;

/** Valid only when every rule could be judged and none was broken, by a performance that could have broken one. */
export interface HistoryVerdict {
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly breaches: readonly Breach[];
  /** Why something could not be judged. */
  readonly unknowns: readonly string[];
  /** Why the performance has shown nothing. */
  readonly empty: readonly string[];
  /** Each invariant of the catalogue for itself. */
  readonly rules: Readonly<Record<Invariant, RuleVerdict>>;
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
  const unknowns = [...blindSpots(witnesses)];
  if (cases.length === 0) unknowns.push('there are no runs');
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
    judgeFlow(evidence, expected, accuse);
  }
  const evidence = cases.map((each) => each.evidence);
  judgeWitnesses(evidence, witnesses, (runId, rule, what) => {
    breaches.push({ rule, runId, what });
  });
  const empty = witnesses.performance ? emptinessOf(witnesses.performance) : [];
  const isInvalid = breaches.length + empty.length > 0;
  const verdict = isInvalid ? 'invalid' : unknowns.length > 0 ? 'unknown' : 'valid';
  const rules = ruleVerdicts(cases, witnesses, breaches);
  return { verdict, breaches, unknowns, empty, rules, runCount: cases.length };
}

function judgeWitnesses(
  evidence: readonly RunEvidence[],
  { ledger, commits, clients, leftovers, losses }: Witnesses,
  accuse: AccuseRun,
): void {
  const kept = evidence.filter(({ run }) => run !== null);
  if (ledger !== null) judgeExecutions(kept, { ledger, losses: losses ?? [] }, accuse);
  if (commits !== null) judgeCommits(commits, accuse);
  if (clients) judgeClients(evidence, clients, accuse);
  if (leftovers) judgeLeftovers(kept, leftovers, accuse);
  if (losses) judgeLoss(losses, accuse);
}

function blindSpots({ ledger, commits, clients, leftovers, losses }: Witnesses): readonly string[] {
  return [
    ...(ledger === null ? ['H10: nobody kept a ledger'] : []),
    ...(commits === null ? ['H25: nobody noted the commits'] : []),
    ...(clients === null ? ['H3: nobody kept the log of the clients'] : []),
    ...(leftovers === null ? ['H23: nobody looked at what was left'] : []),
    ...(losses === null ? ['H31: nobody compared what survived'] : []),
  ];
}
