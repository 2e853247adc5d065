import { followRun } from '@joinery/cli';
import { isJsonObject, type JsonObject, type RecordedEvent, type RunId } from '@joinery/core';
import { type Engine, registerDefinition, startRun } from '@joinery/engine';
import { type RunStore } from '@joinery/store';
import { type Answer, answerSchema } from './answer.ts';
import { FLIGHT_WORKFLOW, readFlightWorkflow } from './flight-workflow.ts';

/** How much is asked. */
export interface FlightQuestion {
  /** How many airports, the busiest, are compared. */
  readonly airports: number;
  /** How thoroughly their margins are computed. */
  readonly resamples: number;
}

/** A run that has ended. */
export interface AnsweredRun {
  readonly runId: RunId;
  readonly status: string;
  /** Null when it gave none. */
  readonly answer: Answer | null;
  readonly history: readonly RecordedEvent[];
}

/** Asks the question: registers the workflow and starts a run of it. */
export async function askAboutFlights(engine: Engine, question: FlightQuestion): Promise<RunId> {
  await registerDefinition(engine, readFlightWorkflow());
  const input: JsonObject = { ...question };
  const { runId } = await startRun(engine, { name: FLIGHT_WORKFLOW, input });
  return runId;
}

/** How a run is waited for. */
export interface AwaitOptions {
  readonly store: RunStore;
  readonly runId: RunId;
  readonly onEvent?: (event: RecordedEvent) => void;
  readonly signal: AbortSignal;
}

/** Waits until a run has ended, and reads its answer. Rejects with the signal's reason when that comes first. */
export async function awaitAnswer(options: AwaitOptions): Promise<AnsweredRun> {
  const { store, runId, onEvent, signal } = options;
  const history: RecordedEvent[] = [];
  const onEvents = async (events: readonly RecordedEvent[]): Promise<void> => {
    history.push(...events);
    for (const event of events) onEvent?.(event);
  };
  const run = await followRun(store, runId, { onEvents, signal });
  signal.throwIfAborted();
  const output = (await store.payload(runId, 'run:output')) ?? {};
  const answer = answerSchema.safeParse(isJsonObject(output) ? output['answer'] : undefined);
  return {
    runId,
    status: run?.status ?? 'GONE',
    answer: answer.success ? answer.data : null,
    history,
  };
}
