import { parseWorkflowDef, randomFrom, type Plan } from '@joinery/core';
import {
  arbitraryDefinition,
  disagreement,
  expectedRun,
  outcomeScript,
  type ExpectedRun,
  type GeneratedDefinition,
} from '@joinery/testing';
import fc from 'fast-check';
import { beginRun, planOf } from './drive-run.ts';
import { InvariantChecker } from './invariant-checker.ts';
import { RandomRun } from './random-run.ts';
import type { RunModel } from './run-model.ts';

/** What many random runs have shown. */
export interface Played {
  readonly checker: InvariantChecker;
  readonly sequences: number;
  readonly events: number;
  /** Runs whose end the reference model could tell, and where the two disagreed. */
  readonly compared: number;
  readonly disagreements: readonly string[];
}

/** How many runs to play, and of what. */
export interface PlayOptions {
  readonly definitions: number;
  readonly runsEach: number;
  readonly seed: number;
  /** Runs of a fork that takes several decisions to expand. */
  readonly wideRuns: number;
}

/** Costly checks are made on every n-th decision. */
const EVERY = 40;

/** Play runs of generated definitions, in every kind of order. */
export function playRuns({ definitions, runsEach, seed, wideRuns }: PlayOptions): Played {
  const played: Mutable = {
    checker: new InvariantChecker(EVERY),
    sequences: 0,
    events: 0,
    compared: 0,
    disagreements: [],
  };
  const generated = fc.sample(
    arbitraryDefinition({
      minTasks: 7,
      maxTasks: 11,
      hasSubWorkflows: true,
      hasRareOperators: true,
    }),
    {
      numRuns: definitions,
      seed,
    },
  );
  for (const [index, each] of [...generated, wideFork()].entries()) {
    const plan = planOf(parseWorkflowDef(each.definition));
    const runs = index < definitions ? runsEach : wideRuns;
    for (let turn = 0; turn < runs; turn += 1) {
      const runSeed = Math.floor(randomFrom(seed ^ (index * 4099 + turn)) * 0xffffffff);
      playAndCompare(played, plan, { generated: each, seed: runSeed, turn });
    }
  }
  return played;
}

type Mutable = { -readonly [Field in keyof Played]: Played[Field] } & { disagreements: string[] };

function playAndCompare(
  played: Mutable,
  plan: Plan,
  {
    generated,
    seed,
    turn,
  }: {
    readonly generated: GeneratedDefinition;
    readonly seed: number;
    readonly turn: number;
  },
): void {
  const { checker } = played;
  const wildness = { hasPauses: turn % 4 > 0, hasTerminate: turn % 4 > 1 };
  const run = playOne(plan, generated, { checker, seed, wildness });
  played.events += run.events;
  played.sequences += 1;
  if (wildness.hasTerminate) return;
  played.compared += 1;
  const expected = expectedRun(plan.definition, generated.input, outcomeScript(seed));
  const problem = problemOf(run.model, expected);
  if (problem !== null && played.disagreements.length < 5) {
    played.disagreements.push(`${problem}\nseed ${seed} of ${JSON.stringify(generated)}`);
  }
}

/** More branches than one decision enters. */
function wideFork(): GeneratedDefinition {
  const noops = Array.from({ length: 1_100 }, (_, i) => `n${i}`);
  const tasks = [
    {
      name: 'f',
      taskReferenceName: 'f',
      type: 'FORK_JOIN',
      forkTasks: noops.map((ref) => [{ name: ref, taskReferenceName: ref, type: 'NOOP' }]),
    },
    { name: 'j', taskReferenceName: 'j', type: 'JOIN', joinOn: noops },
  ];
  return { definition: { name: 'wide', version: 1, schemaVersion: 2, tasks }, input: {} };
}

/** Play one run to its end. */
export function playOne(
  plan: Plan,
  { input }: Pick<GeneratedDefinition, 'input'>,
  {
    checker,
    seed,
    wildness,
  }: Pick<ConstructorParameters<typeof RandomRun>[0], 'seed' | 'wildness'> & {
    readonly checker: InvariantChecker;
  },
): RandomRun {
  const script = outcomeScript(seed);
  const model = beginRun(plan, { input });
  checker.started(model);
  const run = new RandomRun({ model, plan, script, observer: checker, seed, wildness });
  checker.played(run, run.play());
  return run;
}

/** Where a run that has ended is not what the reference model says; null when it is. */
function problemOf({ run, rows, data }: RunModel, expected: ExpectedRun): string | null {
  const ended = {
    status: run.status,
    rows: [...rows.values()],
    outputOf: (key: string) => data.get(`o:${key}`),
    output: data.get('run:output'),
  };
  return disagreement(ended, expected);
}
