import { RULES } from '../history/rules.ts';
import { type ChaosReport } from './chaos-report.ts';
import { type Scenario } from './scenario.ts';

/** Results that a page tells, newest first. */
const SHOWN = 10;

/** The page of one scenario, from what was recorded. */
export function renderScenarioPage(scenario: Scenario, reports: readonly ChaosReport[]): string {
  const { id, title, hypothesis, method, notTested, rules, sizes, needs = [] } = scenario;
  const shown = reports.toReversed().slice(0, SHOWN);
  const lines = [
    `# ${id}: ${title}`,
    '',
    `**Hypothesis.** ${hypothesis}`,
    '',
    `**Method.** ${method}`,
    ...(needs.length > 0 ? ['', `**Needs.** ${needs.join(', ')}; skipped without.`] : []),
    '',
    '**Sizes** (runs and faults at least): ' +
      Object.entries(sizes)
        .map(([name, { runs, faults }]) => `${name} ${runs} and ${faults}`)
        .join(', ') +
      '.',
    '',
    `**Command.** \`npm run chaos -- --scenario ${id} --size default --json\``,
    '',
    '## What decides',
    '',
    ...rules.map((rule) => `- ${rule}: ${RULES[rule]}`),
    '',
    'Any other invariant that is found broken makes a run invalid too, and so do fewer than 95 % of the planned faults.',
    '',
    '## Results',
    '',
    ...(shown.length === 0 ? ['None was recorded yet.'] : resultTable(shown)),
    ...remarks(shown),
    '',
    '## Not tested',
    '',
    ...notTested.map((each) => `- ${each}`),
    '',
  ];
  return lines.join('\n');
}

function resultTable(reports: readonly ChaosReport[]): readonly string[] {
  return [
    '| when (UTC) | size, seed | faults hit | runs, as computed | lost, double, broken | longest stuck | p99 | machine | verdict |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...reports.map((each) => {
      const { machine } = each;
      const cells = [
        each.at.slice(0, 16).replace('T', ' '),
        `${each.size}, ${each.seed}`,
        `${each.faultsEffective} of ${each.faultsPlanned}`,
        `${each.runs}, ${each.completed}`,
        `${each.lost}, ${each.duplicatedCommits}, ${each.invariantBreaks}`,
        `${Math.round(each.maxStuckMs)} ms`,
        `${Math.round(each.p99Ms)} ms`,
        `${machine.cores} cores, load ${machine.loadBefore}, Node ${machine.node}, Redis ${machine.redis}`,
        each.verdict,
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    'Load is the mean over the minute before the run: with much more than the number of cores, times say little.',
  ];
}

/** What the table has no column for. */
function remarks(reports: readonly ChaosReport[]): readonly string[] {
  const [last] = reports;
  if (last === undefined) return [];
  const hit = Object.entries(last.marks).filter(([, count]) => count > 0);
  return [
    '',
    `Of the last one: ${[...hit, ...Object.entries(last.figures)]
      .map(([name, count]) => `${name} ${count}`)
      .concat(...(last.stuckBetween === '' ? [] : [`longest stuck between ${last.stuckBetween}`]))
      .concat(`${last.seconds} s in all`)
      .join(', ')}.`,
    ...reports.flatMap((each) =>
      each.reasons.map((reason) => `\n- ${each.at.slice(0, 16)} ${each.verdict}: ${reason}`),
    ),
  ];
}
