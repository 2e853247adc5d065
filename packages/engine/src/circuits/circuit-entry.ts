import { type CircuitState, type Json } from '@joinery/core';

/** A breaker that nobody has used for so long is forgotten. */
export const FORGOTTEN_AFTER_MS = 86_400_000;

/** The kind of breakers in their agenda. */
const KIND = 'circuit';

/** A line of a breaker's log. */
export interface CircuitEvent {
  readonly type: 'opened' | 'closed' | 'reset';
  /** ms since epoch by the store's clock. */
  readonly at: number;
  readonly actor: string;
  readonly reason: string;
}

/** The agenda's id of a breaker. */
export function circuitIdOf(target: string): string {
  return `${KIND}/${target}`;
}

/** What a breaker is stored as: nobody else writes it. */
export function circuitStateOf(body: Json): CircuitState;
export function circuitStateOf(body: unknown): unknown {
  return body;
}

/** A line of its log. */
export function circuitEventOf(line: Json): CircuitEvent;
export function circuitEventOf(line: unknown): unknown {
  return line;
}
