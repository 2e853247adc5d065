import { markdownTable, shown } from './markdown-table.ts';
import { type ClusterCosts } from './measure-cluster.ts';
import { type IdleRunCosts } from './measure-idle-runs.ts';
import { type IterationCost, type LoopCosts } from './measure-loops.ts';
import { type AbsentPeer, type PeerFigure } from './measure-peers.ts';
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

/** Median (least – greatest). */
export function spreadText(spread: Spread | undefined): string {
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

/** Runs that only wait: few of them beside many, and what the many add. */
export function renderIdleRuns(few: IdleRunCosts, many: IdleRunCosts): string {
  const addedScripts = many.scriptsPerMinute - few.scriptsPerMinute;
  const row = (label: string, of: (costs: IdleRunCosts) => number): readonly string[] => [
    label,
    shown(of(few)),
    shown(of(many)),
  ];
  return markdownTable(
    ['waiting runs', shown(few.runCount), shown(many.runCount)],
    [
      row('Redis, % of a core', ({ redisCpuPercent }) => redisCpuPercent),
      row('services, % of a core', ({ serviceCpuPercent }) => serviceCpuPercent),
      row('scripts a minute, BullMQ’s too', ({ scriptsPerMinute }) => scriptsPerMinute),
      ['scripts added per 100 runs and minute', '', shown((100 * addedScripts) / many.runCount)],
      row('Redis bytes per run', ({ redisBytesPerRun }) => redisBytesPerRun),
      row('a chain of 5 among them, p50, ms', ({ chainP50Ms }) => chainP50Ms),
      row('mean script meanwhile, µs', ({ scriptUs }) => scriptUs),
    ],
  );
}

/** An early iteration of a loop beside a late one. */
export function renderLoops({ early, late }: LoopCosts): string {
  const row = (label: string, of: (cost: IterationCost) => number): readonly string[] => [
    label,
    shown(of(early)),
    shown(of(late)),
    shown(of(late) / of(early)),
  ];
  return markdownTable(
    ['an iteration', `to ${shown(early.iteration)}`, `to ${shown(late.iteration)}`, 'late ÷ early'],
    [
      row('median time, ms', ({ medianMs }) => medianMs),
      row('scripts', ({ scripts }) => scripts),
      row('commands, those in scripts too', ({ commands }) => commands),
      row('bytes into Redis', ({ bytesIn }) => bytesIn),
      row('bytes out of Redis', ({ bytesOut }) => bytesOut),
      row('Redis CPU, µs', ({ cpuUs }) => cpuUs),
    ],
  );
}

/** Other engines, and those that could not be measured. */
export function renderPeers({
  figures,
  absent,
}: {
  readonly figures: readonly PeerFigure[];
  readonly absent: readonly AbsentPeer[];
}): string {
  const rows = figures.map((figure) => [
    figure.peer,
    figure.workload,
    shown(figure.workflowsPerSecond),
    shown(figure.idleP50Ms),
    shown(figure.checkedCount),
  ]);
  const missing = absent.map(({ peer, problem }) => `Not measured: ${peer}: ${problem}\n`);
  const heads = ['peer', 'workload', 'workflows/s', 'idle latency p50, ms', 'results checked'];
  return `${rows.length > 0 ? markdownTable(heads, rows) : ''}${missing.join('')}`;
}

/** Redis Clusters of several sizes, side by side. */
export function renderClusters(workload: WorkloadName, clusters: readonly ClusterCosts[]): string {
  const row = (label: string, of: (costs: ClusterCosts) => string): readonly string[] => [
    label,
    ...clusters.map(of),
  ];
  return markdownTable(
    [`${workload} on masters`, ...clusters.map(({ masterCount }) => String(masterCount))],
    [
      row('partitions per master, least – most', ({ partitionsPerMaster }) => {
        return `${Math.min(...partitionsPerMaster)} – ${Math.max(...partitionsPerMaster)}`;
      }),
      row('scripts/task', ({ perTask }) => shown(perTask.scripts)),
      row('commands/task, those in scripts too', ({ perTask }) => shown(perTask.commands)),
      row('bytes into Redis/task', ({ perTask }) => shown(perTask.bytesIn)),
      row('bytes out of Redis/task', ({ perTask }) => shown(perTask.bytesOut)),
      row('Redis CPU/task, µs', ({ perTask }) => shown(perTask.cpuUs)),
      row('scripts of the busiest master, %', ({ scriptShares }) => {
        return shown(100 * (scriptShares[0] ?? 0));
      }),
      row('of the least busy, %', ({ scriptShares }) => shown(100 * (scriptShares.at(-1) ?? 0))),
      row('results checked', ({ verifiedCount }) => shown(verifiedCount)),
    ],
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
