import {
  circuitPhase,
  type CircuitPhase,
  type CircuitState,
  joineryError,
  resetCircuit as closed,
} from '@joinery/core';
import { type Agenda } from '@joinery/store';
import { type Hand } from '../dead-letters/operate-dead-letter.ts';
import { type Engine } from '../engine.ts';
import { bodyOf, changeEntry } from '../schedules/agenda-ports.ts';
import {
  type CircuitEvent,
  circuitEventOf,
  circuitIdOf,
  circuitStateOf,
  FORGOTTEN_AFTER_MS,
} from './circuit-entry.ts';

/** What operations on breakers stand on. */
export interface CircuitOperations {
  readonly engine: Pick<Engine, 'entropy' | 'meters' | 'logger'>;
  readonly circuits: Agenda;
}

/** A breaker as people see it. */
export interface CircuitView extends Pick<
  CircuitState,
  'target' | 'openUntil' | 'since' | 'trips' | 'settings'
> {
  readonly phase: CircuitPhase;
  /** Of the last window; 0 unless it is closed. */
  readonly succeeded: number;
  readonly failed: number;
  /** Calls that find out whether the target is well again. */
  readonly probing: number;
}

const EVENTS_LIMIT = 200;

/** Every breaker that was used within a day, by target. */
export async function listCircuits({
  circuits,
}: Pick<CircuitOperations, 'circuits'>): Promise<readonly CircuitView[]> {
  const [now, entries] = [await circuits.now(), await circuits.list('circuit')];
  return entries.map(({ body }) => viewOf(circuitStateOf(body), now));
}

/** A breaker and when it was opened, closed and reset, the newest first. Throws JN_CIRCUIT_NOT_FOUND. */
export async function getCircuit(
  { circuits }: Pick<CircuitOperations, 'circuits'>,
  target: string,
): Promise<CircuitView & { readonly events: readonly CircuitEvent[] }> {
  const found = await circuits.find(circuitIdOf(target));
  if (found === null) throw joineryError('JN_CIRCUIT_NOT_FOUND', { target });
  const lines = await circuits.log(found.id, EVENTS_LIMIT);
  const view = viewOf(circuitStateOf(found.body), await circuits.now());
  return { ...view, events: lines.map(circuitEventOf) };
}

/**
 * Closes a breaker, whatever it is, and forgets what was counted. Calls are made again at once, tasks that wait come
 * within 11 s. Idempotent. Throws JN_CIRCUIT_NOT_FOUND.
 */
export async function resetCircuit(
  { engine, circuits }: CircuitOperations,
  target: string,
  { actor, reason }: Hand,
): Promise<CircuitView> {
  let now = 0;
  const state = await changeEntry<CircuitState>(
    { engine, agenda: circuits },
    { id: circuitIdOf(target), read: circuitStateOf },
    (found, at) => {
      if (found === null) throw joineryError('JN_CIRCUIT_NOT_FOUND', { target });
      now = at;
      const event: CircuitEvent = { type: 'reset', at, actor, reason };
      return { state: closed(found, at), dueAt: at + FORGOTTEN_AFTER_MS, log: [bodyOf(event)] };
    },
  );
  if (state === null) throw joineryError('JN_CIRCUIT_NOT_FOUND', { target });
  engine.meters.circuitTurned('reset');
  engine.logger.info({ event: 'circuit.reset', target, actor, reason }, 'a breaker was reset');
  return viewOf(state, now);
}

/** Forgets breakers that nobody has used for a day; answers how many. */
export async function forgetCircuits({ engine, circuits }: CircuitOperations): Promise<number> {
  const { entries } = await circuits.takeDue(100);
  for (const { id, revision: from } of entries) {
    const revision = engine.entropy.randomId();
    await circuits.commit({ id, from, revision, body: null, dueAt: null });
  }
  return entries.length;
}

function viewOf(state: CircuitState, now: number): CircuitView {
  const { target, openUntil, since, trips, settings, counts, probes } = state;
  const recent = counts.filter((count) => count.at > now - settings.windowMs);
  return {
    target,
    phase: circuitPhase(state, now),
    openUntil,
    since,
    trips,
    settings,
    succeeded: recent.reduce((sum, count) => sum + count.succeeded, 0),
    failed: recent.reduce((sum, count) => sum + count.failed, 0),
    probing: probes.filter((probe) => !probe.hasSucceeded).length,
  };
}
