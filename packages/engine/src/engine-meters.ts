import { type OpenPolicy, type RepairKind, type SizeName } from '@joinery/core';
import { type Metrics } from '@joinery/kit';

/** What the verbs count. */
export interface EngineMeters {
  decided(outcome: string): void;
  repaired(kind: RepairKind | 'poison' | 'corrupt-run' | 'lost-attention'): void;
  /** Letters that could not be handed on at once. */
  relayFailed(count: number): void;
  /** Results that came too late or from a lost claim. */
  staleResult(): void;
  failureRunRefused(): void;
  /** An attempt waits for a place at this gate. */
  limited(gate: string): void;
  /** A task was put off or ended because its target is left alone. */
  circuitHeld(policy: OpenPolicy): void;
  /** A run has used most of a limit, or has passed it. */
  sized(limit: SizeName, outcome: 'near' | 'reached'): void;
  /** A circuit breaker has changed. */
  circuitTurned(to: 'opened' | 'closed' | 'reset'): void;
  /** What became of a firing of a schedule. */
  fired(outcome: 'started' | 'skipped' | 'failed'): void;
  /** What became of a replay of a dead letter. */
  replayed(outcome: 'replayed' | 'refused'): void;
}

/** Counters of the verbs in these metrics; without metrics, nothing is counted. */
export function createEngineMeters(metrics: Metrics | undefined): EngineMeters {
  const decisions = metrics?.counter({
    name: 'decisions_total',
    help: 'Calls of decide-run, by outcome',
    labels: ['outcome'],
  });
  const repairs = metrics?.counter({
    name: 'repairs_total',
    help: 'Disagreements found and mended; above 0 in a healthy system is an alert',
    labels: ['kind'],
  });
  const relayFailures = metrics?.counter({
    name: 'relay_failures_total',
    help: 'Letters that could not be enqueued at once',
  });
  const stale = metrics?.counter({
    name: 'stale_results_total',
    help: 'Results refused because the attempt has ended or belongs to another delivery',
  });
  const limited = metrics?.counter({
    name: 'tasks_limited_total',
    help: 'Attempts that had to wait because a limit of their task definition was reached',
    labels: ['task'],
  });
  const refused = metrics?.counter({
    name: 'failure_runs_refused_total',
    help: 'Failure workflows that could not be started: no such definition, or an input that is not allowed',
  });
  const replays = metrics?.counter({
    name: 'dead_letter_replays_total',
    help: 'Replays of dead letters, by what became of them',
    labels: ['outcome'],
  });
  const firings = metrics?.counter({
    name: 'schedule_firings_total',
    help: 'Firings of schedules, by what became of them; failed is an alert',
    labels: ['outcome'],
  });
  const held = metrics?.counter({
    name: 'tasks_held_by_circuit_total',
    help: 'Attempts that were put off or ended because the circuit breaker of their target was not closed',
    labels: ['policy'],
  });
  const turns = metrics?.counter({
    name: 'circuit_turns_total',
    help: 'Circuit breakers that opened, closed or were reset; opened is an alert',
    labels: ['to'],
  });
  const sized = metrics?.counter({
    name: 'runs_limited_total',
    help: 'Runs that have used 80 % of a limit of their size, or have passed it; reached is an alert',
    labels: ['limit', 'outcome'],
  });
  return {
    sized: (limit, outcome) => sized?.add({ limit, outcome }),
    circuitHeld: (policy) => held?.add({ policy }),
    circuitTurned: (to) => turns?.add({ to }),
    limited: (gate) => limited?.add({ task: gate }),
    failureRunRefused: () => refused?.add({}),
    decided: (outcome) => decisions?.add({ outcome }),
    repaired: (kind) => repairs?.add({ kind }),
    relayFailed: (count) => relayFailures?.add({}, count),
    staleResult: () => stale?.add({}),
    replayed: (outcome) => replays?.add({ outcome }),
    fired: (outcome) => firings?.add({ outcome }),
  };
}
