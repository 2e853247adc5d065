import { partitionOf, type RunId } from '@joinery/core';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { type RunLoad } from './run-load.ts';
import { pick, type Stage } from './stage.ts';

/** Some keys are there for moments: so long runs are tried until one has what is to be taken from it, ms. */
const WITHIN_MS = 3_000;

/** Takes something from runs under way until one had it; answers which. */
export async function spoilOne(
  stage: Stage,
  load: RunLoad,
  spoil: (runId: RunId) => Promise<boolean>,
): Promise<RunId | null> {
  const until = performance.now() + WITHIN_MS;
  while (performance.now() < until) {
    const underWay = load.underWay();
    const { runId } = underWay.length > 0 ? pick(stage, underWay) : { runId: null };
    if (runId === null) await delay(1);
    else if (await spoil(runId)) return runId;
  }
  return null;
}

/** A look moves the moment of the next one on by up to a second: whoever looked more often would keep sweepers away. */
const LOOK_EVERY_MS = 3_000;

/** What becomes of a run from which something was taken: its status, `gone`, `flagged` for a look that says so, or `stuck`. */
export async function fateOf(
  { client }: Pick<Stage, 'client'>,
  runId: RunId,
  withinMs: number,
): Promise<string> {
  const { store } = client.client;
  let fate = 'stuck';
  const isKnown = async (): Promise<boolean> => {
    const run = await store.find(runId).catch(() => undefined);
    if (run === null) fate = 'gone';
    else if (run && run.endedAt > 0) fate = run.status;
    else if ((await findingOf(store, runId)) !== '') fate = 'flagged';
    return fate !== 'stuck';
  };
  await eventually(isKnown, { withinMs, everyMs: LOOK_EVERY_MS }).catch(() => undefined);
  return fate;
}

type Store = Stage['client']['client']['store'];

async function findingOf(store: Store, runId: RunId): Promise<string> {
  const [finding] = await store.look(partitionOf(runId), [runId]);
  return finding?.corrupt ?? '';
}
