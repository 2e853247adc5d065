/** `npm run sim`: plays seeds until one breaks a rule, makes that one smaller, and prints it step by step. */
import { bugNamed, SEEDED_BUGS } from '../seeded-bugs/seeded-bugs.ts';
import { type SeededBug } from '../seeded-bugs/seeded-bug.ts';
import { playSeeds, type SeedFailure } from './play-seeds.ts';
import { drawScenario, type Scenario, type ScenarioOptions } from './scenario.ts';
import { shrinkFailure } from './shrink-failure.ts';
import { parseSimOptions, type SimOptions, USAGE } from './sim-options.ts';
import { simulate, type Simulated } from './simulate.ts';
import { renderTrace } from './trace.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: SimOptions | null;
  let bug: SeededBug | null = null;
  try {
    options = parseSimOptions(args);
    if (options?.bug === 'list') return listBugs();
    if (options?.bug != null) bug = bugNamed(options.bug);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    print(USAGE);
    return 0;
  }
  const drawn: ScenarioOptions = {
    ...(options.family !== null && { family: options.family }),
    ...(options.faults !== null && { faults: options.faults }),
  };
  if (options.isTraced) await printSeed(options.seed, drawn, bug);
  const played = await playSeeds({ ...options, drawn, bug, progress: printProgress });
  const { failure, ...counts } = played;
  const rate = Math.round(counts.runs / counts.cpuSeconds);
  print(
    `${counts.seeds} seeds, ${counts.runs} runs, ${counts.joins} joins, ${counts.steps} steps, ${counts.faultsEffective} effective faults ` +
      `in ${counts.seconds.toFixed(1)} s: ${rate} runs per second of processor time\n`,
  );
  if (failure !== null) await printFailure(failure, bug);
  if (options.isJson) {
    const broken = failure === null ? null : { seed: failure.seed, ...failure.violation };
    print(`${JSON.stringify({ ...counts, runsPerCpuSecond: rate, broken })}\n`);
  }
  return failure === null ? 0 : 1;
}

function listBugs(): number {
  for (const { name, what } of SEEDED_BUGS) print(`${name.padEnd(30)} ${what}\n`);
  return 0;
}

async function printSeed(
  seed: number,
  drawn: ScenarioOptions,
  bug: SeededBug | null,
): Promise<void> {
  const scenario = drawScenario(seed, drawn);
  print(`${describe(scenario)}\n${render(await simulate(scenario, { bug, isTraced: true }))}\n`);
}

async function printFailure(
  { seed, violation, drawn }: SeedFailure,
  bug: SeededBug | null,
): Promise<void> {
  print(`seed ${seed} breaks ${violation.rule}: ${violation.what}\nmaking it smaller …\n`);
  const { rule } = violation;
  const { scenario, simulated, tries } = await shrinkFailure(drawScenario(seed, drawn), {
    rule,
    bug,
  });
  print(`after ${tries} smaller ones:\n${describe(scenario)}\n${render(simulated)}\n`);
  print(`again: npm run sim -- --seed ${seed}\n`);
}

function describe(scenario: Scenario): string {
  const { definition, ...rest } = scenario;
  return `${JSON.stringify(rest)}\n${JSON.stringify(definition.shapes)}`;
}

function render({ trace, violations }: Simulated): string {
  const broken = violations.map(({ rule, runId, what }) => `${rule} ${runId}: ${what}`);
  return [renderTrace(trace), ...broken].join('\n');
}

function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(line: string): void {
  process.stdout.write(line);
}
