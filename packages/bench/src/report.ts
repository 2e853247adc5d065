import { markdownTable, shown } from './markdown-table.ts';
import { METRICS } from './metrics.ts';
import { type Spread } from './quantile.ts';
import { type ScriptCost } from './script-costs.ts';
import { type Subject, SUBJECTS } from './subject.ts';
import { type Comparison, headOf, type Results, type Summary } from './summary.ts';
import { type MeasuredName, MEASURED, type WorkloadName } from './workload.ts';

/** A table per workload, in Markdown: median (least – greatest). */
export function renderResults(results: Results): string {
  return MEASURED.flatMap((workload) => {
    const bySubject = results[workload];
    return bySubject === undefined ? [] : [renderWorkload(workload, bySubject)];
  }).join('\n');
}

function renderWorkload(
  workload: MeasuredName,
  bySubject: Partial<Record<Subject, Summary>>,
): string {
  const columns = SUBJECTS.flatMap((subject) => {
    const summary = bySubject[subject];
    return summary === undefined ? [] : [{ head: headOf(subject, summary.settings), summary }];
  });
  const rows = METRICS.flatMap(({ name, label }) => {
    const cells = columns.map(({ summary }) => spreadText(summary.metrics[name]));
    return cells.every((cell) => cell === '') ? [] : [[label, ...cells]];
  });
  return markdownTable([workload, ...columns.map(({ head }) => head)], rows);
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  const { median, min, max } = spread;
  return `${shown(median)} (${shown(min)} – ${shown(max)})`;
}

/** The ratios and Redis' CPU per task, in Markdown. */
export function renderComparison({ ratios, redisCpuPerTask }: Comparison): string {
  return [
    valuesTable('Joinery ÷ BullMQ', ratios),
    valuesTable('Redis CPU/task, µs', redisCpuPerTask),
  ].join('\n');
}

function valuesTable(title: string, values: Readonly<Record<string, number>>): string {
  return markdownTable(
    [title, ...Object.keys(values)],
    [['', ...Object.values(values).map(shown)]],
  );
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
  return markdownTable([`${workload}, per call`, ...heads], rows);
}
