import { NOT_JUDGED, RULES } from '../history/rules.ts';
import { type ChaosReport } from './chaos-report.ts';
import { NOT_PLAYED } from './not-played.ts';
import { type Scenario } from './scenario.ts';

/** A scenario and what was recorded of it, oldest first. */
export interface Recorded {
  readonly scenario: Scenario;
  readonly reports: readonly ChaosReport[];
}

/** The page that lists every scenario and every invariant. */
export function renderIndexPage(recorded: readonly Recorded[]): string {
  const lines = [
    '# Chaos',
    '',
    'Faults on real processes and a real Redis, and what they came to. Everything here is written by',
    '`npm run chaos -- --docs` from recorded runs (`results/`); [what we promise](promises.md) is written by hand.',
    '',
    '```sh',
    'npm run chaos -- --list',
    'npm run chaos -- --scenario C1 --seed 7 --json   # exit code 0 only for a valid run',
    'npm run chaos -- --all                           # the release gate',
    'npm run soak -- --minutes 10 --record           # writes soak.md',
    '```',
    '',
    'A run is *valid* when no invariant is broken, at least 95 % of the planned faults hit something, what should',
    'sometimes happen did, and every process did something after the last fault. It is *unknown* when something could not',
    'be judged, and *invalid* otherwise.',
    '',
    '## Scenarios',
    '',
    '| id | fault | last recorded |',
    '| --- | --- | --- |',
    ...recorded.map(({ scenario: { id, title }, reports }) => {
      return `| [${id}](${id.toLowerCase()}.md) | ${title} | ${lastOf(reports)} |`;
    }),
    '',
    '## Not played',
    '',
    '| id | why |',
    '| --- | --- |',
    ...rows(NOT_PLAYED),
    '',
    '## Invariants',
    '',
    '| id | what must hold |',
    '| --- | --- |',
    ...rows(RULES),
    '',
    '## Invariants that chaos does not judge',
    '',
    '| id | why |',
    '| --- | --- |',
    ...rows(NOT_JUDGED),
    '',
  ];
  return lines.join('\n');
}

function rows(table: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(table).map(([id, text]) => `| ${id} | ${text} |`);
}

function lastOf(reports: readonly ChaosReport[]): string {
  const last = reports.at(-1);
  if (last === undefined) return 'never';
  const { verdict, faultsEffective, completed, runs, size, at } = last;
  return `${verdict}: ${faultsEffective} faults, ${completed} of ${runs} runs as computed (${size}, ${at.slice(0, 10)})`;
}
