import { type ScriptCost } from './script-costs.ts';
import { METRICS, type Results, type Spread, type Summary } from './summary.ts';
import { type Subject, SUBJECTS } from './subject.ts';
import { type WorkloadName, WORKLOADS } from './workload.ts';

/** A table per workload, in Markdown: median (least – greatest). */
export function renderResults(results: Results): string {
  return WORKLOADS.flatMap((workload) => {
    const bySubject = results[workload];
    return bySubject === undefined ? [] : [renderWorkload(workload, bySubject)];
  }).join('\n');
}

function renderWorkload(
  workload: WorkloadName,
  bySubject: Partial<Record<Subject, Summary>>,
): string {
  const subjects = SUBJECTS.filter((subject) => bySubject[subject] !== undefined);
  const rows = METRICS.map(({ name, label }) =>
    [label].concat(subjects.map((subject) => spreadText(bySubject[subject]?.[name]))),
  );
  return table([workload, ...subjects], rows);
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  const { median, min, max } = spread;
  return `${shown(median)} (${shown(min)} – ${shown(max)})`;
}

/** Three digits that mean something. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

/** What each method of the store costs, in Markdown. */
export function renderScriptCosts(
  workload: WorkloadName,
  runCount: number,
  costs: readonly ScriptCost[],
): string {
  const rows = costs.map((cost) => [
    cost.method,
    shown(cost.calls / runCount),
    shown(cost.cpuUs),
    shown(cost.scriptUs),
    shown(cost.luaUs),
    shown(cost.commands.reduce((sum, { calls }) => sum + calls, 0)),
    cost.commands
      .slice(0, 6)
      .map(({ name, calls, us }) => `${name} ${shown(calls)}× ${shown(us)}`)
      .join(', '),
  ]);
  const heads = [
    'calls per run',
    'Redis CPU, µs',
    'in the script, µs',
    'of it Lua, µs',
    'commands',
    'dearest commands: times, µs',
  ];
  return table([`${workload}, per call`, ...heads], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${[head, head.map(() => '---'), ...rows].map(tableRow).join('\n')}\n`;
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
