/** `npm run bench`: measures, prints tables, and ends with one line of JSON when asked to. */
import { startRedis } from '@joinery/testing';
import { type BenchOptions, type Mode, parseOptions, USAGE } from './bench-options.ts';
import { readMachine } from './machine.ts';
import { measureAll } from './measure-all.ts';
import { markdownTable } from './markdown-table.ts';
import { type ClusterCosts, measureCluster } from './measure-cluster.ts';
import { measureIdleRuns } from './measure-idle-runs.ts';
import { type RoundPlan } from './measure-round.ts';
import { measureLoops } from './measure-loops.ts';
import { measurePeers } from './measure-peers.ts';
import { measureStarts } from './measure-starts.ts';
import {
  renderClusters,
  renderComparison,
  renderIdleRuns,
  renderLoops,
  renderPeers,
  renderResults,
  renderScriptCosts,
  spreadText,
} from './report.ts';
import { measureScripts } from './script-costs.ts';
import { comparisonOf, medianOf } from './summary.ts';
import { defaultSettings } from './sweep-settings.ts';
import { isWorkload, WIDE_FORK, workloadOf } from './workload.ts';
import { renderScale } from './scale-report.ts';
import {
  PAGE,
  readFigures,
  SCALE_PAGE,
  writeBeside,
  writeFigures,
  writeSection,
} from './write-docs.ts';

/** Runs in lockstep for the costs of scripts: enough for a stable mean, few enough for one batch. */
const SCRIPT_RUNS = 200;
/** Among how few a run counts as being alone. */
const FEW_RUNS = 10;
/** Every run is looked at within 30 s: 60 s by default, a shorter window would see some of the looks only. */
const IDLE_WINDOW = 12;

/** What each mode does; answers what `--json` prints. */
const modes: Record<Mode, (options: BenchOptions) => Promise<object>> = {
  rounds: reportRounds,
  scripts: reportScripts,
  starts: reportStarts,
  peers: reportPeers,
  loops: reportLoops,
  'idle-runs': reportIdleRuns,
  cluster: reportClusters,
  scale: reportScale,
};

// A throwaway Redis does not keep its starter alive, not even while it is being ended.
const keepAlive = setInterval(() => undefined, 60_000);
process.exitCode = await main(process.argv.slice(2)).finally(() => clearInterval(keepAlive));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  const found = await modes[options.mode](options);
  if (options.isJson) process.stdout.write(`${JSON.stringify(found)}\n`);
  return 0;
}

async function reportRounds(options: BenchOptions): Promise<object> {
  const machine = await readMachine();
  const { results, sweeps } = await measureAll(options);
  const comparison = comparisonOf(results);
  process.stdout.write(`${renderResults(results)}\n${renderComparison(comparison)}`);
  if (options.rounds < 5) process.stdout.write('\nFewer than 5 rounds: not to be quoted.\n');
  const { rounds, loopMs, warmUpMs, warmUpTasks, sweepMs, branches, services } = options;
  const settings = { rounds, loopMs, warmUpMs, warmUpTasks, sweepMs, branches, services };
  const figures = { ...comparison, machine, settings, results, sweeps };
  if (options.isWritingDocs) await keepRounds(options, figures);
  return figures;
}

/** Wider forks stand beside the rounds: those have all workloads, with a W3 of 1,000 branches. */
async function keepRounds(
  { branches }: BenchOptions,
  figures: Parameters<typeof writeFigures>[0],
): Promise<void> {
  if (branches === WIDE_FORK) return writeFigures(figures);
  const metric = 'idleP50Ms';
  const ms = medianOf(figures.results, { workload: 'W3', subject: 'joinery', metric });
  if (ms !== undefined) await writeBeside({ wideMs: { [branches]: ms } });
}

async function reportScripts({ workloads, isWritingDocs }: BenchOptions): Promise<object> {
  const scripts: Record<string, unknown> = {};
  const tables: string[] = [];
  for (const workload of workloads.filter(isWorkload)) {
    await using server = await startRedis({ appendonly: true });
    const costs = await measureScripts(server.url, workload, SCRIPT_RUNS);
    scripts[workload] = costs;
    tables.push(renderScriptCosts(workload, SCRIPT_RUNS, costs));
  }
  const text = tables.join('\n');
  process.stdout.write(text);
  if (isWritingDocs) await writeSection(PAGE, 'scripts', text);
  return { scripts };
}

async function reportStarts(options: BenchOptions): Promise<object> {
  const starts = await measureStarts(joineryPlan(options), options.rounds);
  const rows = Object.entries(starts).map(([name, spread]) => [name, spreadText(spread)]);
  const text = markdownTable(['starts', 'median (least – greatest)'], rows);
  process.stdout.write(text);
  if (options.isWritingDocs) {
    await writeSection(PAGE, 'starts', text);
    await writeBeside({ starts });
  }
  return { starts };
}

async function reportPeers({ workloads, isWritingDocs, ...plan }: BenchOptions): Promise<object> {
  const peers = await measurePeers({ ...plan, workloads: workloads.filter(isWorkload) });
  const text = renderPeers(peers);
  process.stdout.write(text);
  if (isWritingDocs) await writeSection(PAGE, 'peers', text);
  return { peers };
}

async function reportLoops({ iterationCount, isWritingDocs }: BenchOptions): Promise<object> {
  await using server = await startRedis({ appendonly: true });
  const loops = await measureLoops(server.url, iterationCount);
  const text = renderLoops(loops);
  process.stdout.write(text);
  if (isWritingDocs) {
    await writeSection(PAGE, 'loops', text);
    await writeBeside({ loops });
  }
  return { loops };
}

async function reportIdleRuns(options: BenchOptions): Promise<object> {
  const plan = joineryPlan(options);
  const watch = { settleMs: options.settleMs, windowMs: IDLE_WINDOW * options.loopMs };
  const few = await measureIdleRuns(plan, FEW_RUNS, watch);
  const many = await measureIdleRuns(plan, options.idleRunCount, watch);
  const text = renderIdleRuns(few, many);
  process.stdout.write(text);
  if (options.isWritingDocs) {
    await writeSection(PAGE, 'idle-runs', text);
    await writeBeside({ idleRuns: { few, many } });
  }
  return { idleRuns: { few, many } };
}

async function reportClusters(options: BenchOptions): Promise<object> {
  const [asked] = options.workloads;
  const workload = options.workloads.length === 1 && asked && isWorkload(asked) ? asked : 'W2';
  const load = { ...options, inflight: options.load.inflight ?? 16 };
  const clusters: ClusterCosts[] = [];
  for (const masterCount of options.clusterSizes) {
    clusters.push(await measureCluster(workload, masterCount, load));
  }
  const text = renderClusters(workload, clusters);
  process.stdout.write(text);
  if (options.isWritingDocs) await writeSection(SCALE_PAGE, 'cluster', text);
  return { clusters };
}

async function reportScale({ isWritingDocs }: BenchOptions): Promise<object> {
  const { results, settings, machine } = await readFigures();
  const text = `From the figures of ${machine.at}.\n\n${renderScale(results, settings.branches)}`;
  process.stdout.write(text);
  if (isWritingDocs) {
    await writeSection(SCALE_PAGE, 'scale', text);
    await writeBeside({});
  }
  return { scale: text };
}

/** Joinery on W1, under default settings. */
function joineryPlan(options: BenchOptions): RoundPlan {
  const [subject, workload] = ['joinery', 'W1'] as const;
  const load = { ...workloadOf(workload).load, ...options.load };
  return { ...options, subject, workload, settings: defaultSettings(subject), load };
}
