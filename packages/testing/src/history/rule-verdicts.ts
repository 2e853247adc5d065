import { type Breach, type Case, type Rule } from './check-history.ts';
import { type Witnesses } from './evidence.ts';
import { NOT_JUDGED, RULES } from './rules.ts';

/** An invariant of the catalogue, judged here or not. */
export type Invariant = Rule | keyof typeof NOT_JUDGED;

/** `unknown`: nobody looked, or not at all that it is about. */
export type RuleVerdict = 'valid' | 'invalid' | 'unknown';

/** What became of each invariant of the catalogue. */
export function ruleVerdicts(
  cases: readonly Case[],
  witnesses: Witnesses,
  breaches: readonly Breach[],
): Readonly<Record<Invariant, RuleVerdict>>;
export function ruleVerdicts(
  cases: readonly Case[],
  witnesses: Witnesses,
  breaches: readonly Breach[],
): Readonly<Record<string, RuleVerdict>> {
  const broken = new Set<string>(breaches.map(({ rule }) => rule));
  const unseen = new Set<string>([...Object.keys(NOT_JUDGED), ...unseenRules(cases, witnesses)]);
  const ids = [...Object.keys(RULES), ...Object.keys(NOT_JUDGED)];
  return Object.fromEntries(
    ids.map((id) => [id, broken.has(id) ? 'invalid' : unseen.has(id) ? 'unknown' : 'valid']),
  );
}

/** Rules that could not be judged for want of a witness, of a run, or of something to expect. */
function unseenRules(cases: readonly Case[], witnesses: Witnesses): readonly string[] {
  const isBlind = cases.length === 0 || cases.some(({ evidence: { run } }) => run === null);
  if (isBlind) return Object.keys(RULES);
  const { ledger, commits, clients, leftovers, losses } = witnesses;
  return [
    ...(ledger ? [] : ['H10']),
    ...(commits ? [] : ['H25']),
    ...(clients ? [] : ['H3']),
    ...(leftovers ? [] : ['H23', 'H24']),
    ...(losses ? [] : ['H31', 'H32']),
    ...(cases.every(({ expected }) => expected.sources) ? [] : ['H9', 'H21']),
    ...(cases.every(({ expected }) => expected.decides) ? [] : ['H21']),
    // A purge is looked at where it is made.
    'H28',
  ];
}
