/** `npm run chaos`: performs scenarios on real processes and a real Redis, and tells what came of it. */
import { systemEntropy } from '@joinery/kit';
import { SCENARIOS, scenarioOf } from './all-scenarios.ts';
import { recordReport, writeChaosPages } from './chaos-docs.ts';
import { type ChaosOptions, parseChaosOptions, USAGE } from './chaos-options.ts';
import { type ChaosReport, lineOf } from './chaos-report.ts';
import { performScenario } from './perform-scenario.ts';
import { bundleRole } from './process-fleet.ts';
import { type Scenario } from './scenario.ts';

// A throwaway Redis does not keep its starter alive, not even while it is being ended.
const keepAlive = setInterval(() => undefined, 60_000);
process.exitCode = await main(process.argv.slice(2)).finally(() => clearInterval(keepAlive));

async function main(args: readonly string[]): Promise<number> {
  let options: ChaosOptions;
  let scenarios: readonly Scenario[];
  try {
    options = parseChaosOptions(args);
    scenarios = options.scenario === null ? SCENARIOS : [scenarioOf(options.scenario)];
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  switch (options.what) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'list':
      for (const { id, title } of SCENARIOS) process.stdout.write(`${id}  ${title}\n`);
      return 0;
    case 'docs':
      writeChaosPages();
      return 0;
    case 'play':
      return (await playAll(scenarios, options)) ? 0 : 1;
  }
}

/** Answers whether all of them were valid; one that was skipped is not. */
async function playAll(scenarios: readonly Scenario[], options: ChaosOptions): Promise<boolean> {
  await using bundle = await bundleRole();
  const { size, runs, forMs, isJson, isRecorded } = options;
  const seed = options.seed ?? systemEntropy.seed();
  const reports: ChaosReport[] = [];
  for (const scenario of scenarios) {
    process.stderr.write(`${scenario.id} ${scenario.title} (${size}, seed ${seed})\n`);
    const report = await performScenario(scenario, {
      size,
      seed,
      bundle,
      say: (line) => process.stderr.write(`  ${line}\n`),
      ...(runs !== undefined && { runs }),
      ...(forMs !== undefined && { forMs }),
    });
    tell(report);
    if (isRecorded) recordReport(report);
    reports.push(report);
    if (isJson) process.stdout.write(`${JSON.stringify(lineOf(report))}\n`);
  }
  return reports.every(({ verdict }) => verdict === 'valid');
}

function tell(report: ChaosReport): void {
  const { scenario, verdict, seconds, classes, latencyMs, marks, figures, reasons } = report;
  const { maxStuckMs, stuckBetween, faultsEffective, faultsPlanned } = report;
  const lines = [
    `${scenario} ${verdict} in ${seconds} s`,
    `  classes ${JSON.stringify(classes)}`,
    `  faults  ${faultsEffective} of ${faultsPlanned} hit; stuck ${maxStuckMs} ms at most, between ${stuckBetween}`,
    `  latency ${JSON.stringify(latencyMs)}`,
    `  marks   ${JSON.stringify(marks)}`,
    ...(Object.keys(figures).length > 0 ? [`  figures ${JSON.stringify(figures)}`] : []),
    ...reasons.map((reason) => `  because ${reason}`),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
