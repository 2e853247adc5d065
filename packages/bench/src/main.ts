/** `npm run bench`: measures, prints tables, and ends with one line of JSON when asked to. */
import { startRedis } from '@joinery/testing';
import { type BenchOptions, parseOptions, USAGE } from './bench-options.ts';
import { measureRound, type RoundResult } from './measure-round.ts';
import { renderResults, renderScriptCosts } from './report.ts';
import { measureScripts } from './script-costs.ts';
import { type Subject, subjectsOf } from './subject.ts';
import { orderOf, ratiosOf, type Results, type Summary, summarize } from './summary.ts';
import { type WorkloadName } from './workload.ts';

/** Runs in lockstep for the costs of scripts: enough for a stable mean, few enough for one batch. */
const SCRIPT_RUNS = 200;

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
  if (options === null) process.stdout.write(USAGE);
  else if (options.isScripts) await reportScripts(options);
  else await reportRounds(options);
  return 0;
}

async function reportRounds(options: BenchOptions): Promise<void> {
  const results: Results = {};
  for (const workload of options.workloads) results[workload] = await measure(workload, options);
  process.stdout.write(renderResults(results));
  const ratios = ratiosOf(results);
  const isSmall = options.rounds < 5 ? ' (fewer than 5 rounds: not to be quoted)' : '';
  process.stdout.write(`\nratios to BullMQ${isSmall}: ${JSON.stringify(ratios)}\n`);
  if (options.isJson) {
    const { rounds, loopMs, warmUpMs, inflight } = options;
    const settings = { rounds, loopMs, warmUpMs, inflight, node: process.version };
    process.stdout.write(`${JSON.stringify({ ...ratios, settings, results })}\n`);
  }
}

async function measure(
  workload: WorkloadName,
  options: BenchOptions,
): Promise<Partial<Record<Subject, Summary>>> {
  const rounds = new Map<Subject, RoundResult[]>();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const subject of orderOf(round, subjectsOf(workload))) {
      const result = await measureRound({ ...options, subject, workload });
      rounds.set(subject, [...(rounds.get(subject) ?? []), result]);
      const rate = result.workflowsPerSecond.toFixed(0);
      const line = `${workload} round ${round + 1}/${options.rounds} ${subject}: ${rate} workflows/s`;
      process.stderr.write(`${line}, ${result.verifiedCount} results checked\n`);
    }
  }
  return Object.fromEntries([...rounds].map(([subject, each]) => [subject, summarize(each)]));
}

async function reportScripts({ workloads, isJson }: BenchOptions): Promise<void> {
  const all: Record<string, unknown> = {};
  for (const workload of workloads) {
    await using server = await startRedis({ appendonly: true });
    const costs = await measureScripts(server.url, workload, SCRIPT_RUNS);
    all[workload] = costs;
    process.stdout.write(`${renderScriptCosts(workload, SCRIPT_RUNS, costs)}\n`);
  }
  if (isJson) process.stdout.write(`${JSON.stringify({ scripts: all })}\n`);
}
