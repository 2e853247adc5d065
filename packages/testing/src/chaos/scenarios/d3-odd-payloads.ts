import { isJoineryError, type Json, taskKeyOf } from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import fc from 'fast-check';
import { ECHO_TASK, type Workload } from '../../workloads/workload.ts';
import { conclude, untilEnded } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

const workload = echo();
const AT_ONCE = 20;
/** How a run says that a payload was too much. */
const TOLD = /JN_PAYLOAD_|yields more than/;
/** Texts of these lengths: around what is kept inline, and around what is too much, bytes. */
const LENGTHS = [0, 1, 32_767, 32_768, 32_769, 1_000_000, 4_000_000, 12_000_000, 40_000_000];

/** D3: inputs and outputs that somebody will send. */
export const oddPayloads: Scenario = {
  id: 'D3',
  title: 'Payloads are empty, huge, deep or strange',
  hypothesis:
    'Each is refused with a code, or comes back from a worker as it was; no run is stuck.',
  method: `Runs of one task that answers with its input. By turns: texts of ${LENGTHS.length} lengths from 0 to 40 MB, arrays nested 10 to 1,000 deep, keys like \`__proto__\`, NUL and lone surrogates, numbers at the limits, texts that look like references, and values by fast-check from the seed. A fault counts when the start was refused with a coded error, or its run COMPLETED with an output that equals the input, or FAILED with a reason that names the limit. Figures: refused, failed, roundTrips.`,
  notTested: [
    'nesting of 10,000 levels: refused, but by an error of JavaScript without a code',
    'bodies over HTTP',
    'outputs that are no JSON: the worker’s own tests',
  ],
  rules: ['H1', 'H6', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 60, faults: 60 },
    default: { runs: 500, faults: 500 },
    release: { runs: 10_000, faults: 10_000 },
  },
  play: async ({ faults, seed, bundle, say, forMs }) => {
    await using stage = await openStage({
      seed,
      fleet: { otherTasks: true },
      ...(bundle && { bundle }),
    });
    await registerDefinition(stage.client.client.engine, workload.definition);
    const made = fc.sample(fc.json(), { seed, numRuns: faults });
    const payloads = [...KNOWN, ...made.map((text): Json => JSON.parse(text))];
    const runs: PlayedRun[] = [];
    const isTimeOver = timeLimit(forMs);
    let played = 0;
    while (played < faults && !isTimeOver()) {
      const some = payloads.slice(played, Math.min(faults, played + AT_ONCE));
      runs.push(...(await playWave(stage, some)));
      played += some.length;
      say(`${played} of ${faults} payloads`);
    }
    return await conclude(stage, { workload, runs, faultsPlanned: played });
  },
};

async function playWave(stage: Stage, payloads: readonly Json[]): Promise<readonly PlayedRun[]> {
  const { engine, store } = stage.client.client;
  const started: (PlayedRun & { readonly payload: Json })[] = [];
  for (const payload of payloads) {
    try {
      const input = { payload };
      const { runId } = await startRun(engine, { name: workload.name, input });
      started.push({ runId, seed: 0, payload });
    } catch (error) {
      if (!isJoineryError(error)) stage.log.problems.push(`D3: ${String(error).slice(0, 200)}`);
      await stage.log.inject('refused', async () => isJoineryError(error));
      stage.log.count('refused', 1);
    }
  }
  await untilEnded(stage, started);
  for (const { runId, payload } of started) {
    const output = await store.payload(runId, `o:${taskKeyOf('echo')}`);
    const run = await store.find(runId);
    // What is too much for an expression or an output ends the run, and says so.
    const isTold = run?.status === 'FAILED' && TOLD.test(run.reason);
    if (isTold) stage.log.count('failed', 1);
    const isSame = isTold || textOf(output) === textOf({ payload });
    if (!isSame)
      stage.log.problems.push(`D3: ${textOf({ payload }).slice(0, 100)} came back otherwise`);
    else if (!isTold) stage.log.count('roundTrips', 1);
    await stage.log.inject('accepted', async () => isSame);
  }
  return started.map(({ runId, seed }) => ({ runId, seed, accepts: ['COMPLETED', 'FAILED'] }));
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const KNOWN: readonly Json[] = [
  ...LENGTHS.map((length) => 'x'.repeat(length)),
  ...[10, 64, 100, 1_000].map(nested),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":0}'),
  '\u0000',
  '\ud800',
  'a\udfffb',
  { '': '', '\u0000': 1, 'a.b': 2, '${x}': 3 },
  Number.MAX_SAFE_INTEGER,
  -0.1,
  1e308,
  5e-324,
  [],
  {},
  null,
  [[], {}, null, [null]],
  '\u2028\u2029',
];

function echo(): Workload {
  const name = 'echo_payload';
  const task = {
    name: ECHO_TASK,
    taskReferenceName: 'echo',
    type: 'SIMPLE',
    inputParameters: { payload: '${workflow.input.payload}' },
  };
  const definition = { name, tasks: [task] };
  return { name, definition, input: () => ({}), steps: new Map(), joins: new Map() };
}
