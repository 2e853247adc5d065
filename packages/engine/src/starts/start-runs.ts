/*
 * Many starts at once. Ownership: none. Interface: startRuns.
 * Invariants:
 *  B1 each start is a step of its own, idempotent by its key as a single one: a call that died half way is repeated whole.
 *  B2 one that is refused, or gets no answer, has an outcome of its own and spoils no other.
 *  B3 what was started is relayed or left in its outbox, whatever became of those beside it.
 */
import { nudge } from '../letters/nudge.ts';
import { relayLetters } from '../letters/relay-letters.ts';
import { type Engine } from '../engine.ts';
import {
  type CreatedRun,
  createRunOf,
  pinRequested,
  type PinnedPlan,
  type StartedRun,
  type StartRequest,
} from './create-run.ts';

/** What became of one of many starts: `failed` has what `startRun` throws. */
export type StartOutcome =
  | ({ readonly type: 'started' } & StartedRun)
  | { readonly type: 'failed'; readonly error: unknown };

/**
 * Scripts that are on their way together: enough to make round trips negligible, few enough to let the work of others
 * in between.
 */
const STARTS_AT_ONCE = 128;

/**
 * Starts runs with few round trips: a definition is read once per call, scripts go out side by side, and the first jobs
 * are enqueued together. Answers one outcome per request, in their order; never rejects for one of them. Nothing holds
 * the starts together: each is there or not. Send requests with idempotency keys if the call may be repeated.
 */
export async function startRuns(
  engine: Engine,
  requests: readonly StartRequest[],
): Promise<readonly StartOutcome[]> {
  const pins = new Map<string, Promise<PinnedPlan>>();
  const outcomes: StartOutcome[] = [];
  for (let from = 0; from < requests.length; from += STARTS_AT_ONCE) {
    const page = requests.slice(from, from + STARTS_AT_ONCE);
    outcomes.push(...(await startPage(engine, page, pins)));
  }
  return outcomes;
}

async function startPage(
  engine: Engine,
  requests: readonly StartRequest[],
  pins: Map<string, Promise<PinnedPlan>>,
): Promise<readonly StartOutcome[]> {
  const since = engine.clock.now();
  const settled = await Promise.allSettled(
    requests.map(async (request) =>
      createRunOf(engine, request, await pinOnce(engine, request, pins)),
    ),
  );
  const created = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  await relayLetters(
    engine,
    created.flatMap(({ letters }) => letters),
    since,
  );
  await nudge(
    engine,
    created.filter(({ hasMore }) => hasMore).map(({ runId }) => runId),
  );
  return settled.map(outcomeOf);
}

/** Requests of one call that name the same definition are started of the same content. */
function pinOnce(
  engine: Engine,
  request: StartRequest,
  pins: Map<string, Promise<PinnedPlan>>,
): Promise<PinnedPlan> {
  const { definition, name, version } = request;
  const wanted = JSON.stringify(definition === undefined ? [name, version] : { definition });
  const known = pins.get(wanted);
  if (known !== undefined) return known;
  const pinned = pinRequested(engine, request);
  pins.set(wanted, pinned);
  return pinned;
}

function outcomeOf(settled: PromiseSettledResult<CreatedRun>): StartOutcome {
  if (settled.status === 'rejected') return { type: 'failed', error: settled.reason };
  const { runId, isNew } = settled.value;
  return { type: 'started', runId, isNew };
}
