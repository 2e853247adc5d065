import { isJsonObject, type JsonObject } from '../run/json.ts';
import { sinkProblem } from './event-sink.ts';

/** States of a task of which an event may tell, by the names of Orkes Conductor. */
export const HEARD_STATES = ['onScheduled', 'onSuccess', 'onFailed', 'onCancelled'] as const;
/** One of {@link HEARD_STATES}. */
export type HeardState = (typeof HEARD_STATES)[number];

/** An event that is published when a task comes to a state. */
export interface StateListener {
  readonly state: HeardState;
  /** A sink, as of an EVENT task. */
  readonly sink: string;
  /** A template. */
  readonly payload: JsonObject;
}

/** Listeners, or what is wrong with them. */
export type ParsedListeners =
  | { readonly ok: true; readonly listeners: readonly StateListener[] }
  | { readonly ok: false; readonly place: string; readonly problem: string };

/** Reads `onStateChange`: `{ "onSuccess,onFailed": [{ "type": <sink>, "payload": {…} }] }`. */
export function parseStateListeners(written: JsonObject): ParsedListeners {
  const listeners: StateListener[] = [];
  for (const [states, events] of Object.entries(written)) {
    const problem = (text: string): ParsedListeners => ({
      ok: false,
      place: states,
      problem: text,
    });
    if (!Array.isArray(events)) return problem('is a list of events');
    for (const name of states.split(',').map((each) => each.trim())) {
      const state = HEARD_STATES.find((each) => each === name);
      if (state === undefined) return problem(problemOfState(name));
      for (const event of events) {
        const { type = null, payload = null } = isJsonObject(event) ? event : {};
        if (typeof type !== 'string') return problem('each event has a type, the sink');
        const reason = type.includes('${') ? 'a sink holds no expression' : sinkProblem(type);
        if (reason !== null) return problem(reason);
        listeners.push({ state, sink: type, payload: isJsonObject(payload) ? payload : {} });
      }
    }
  }
  return { ok: true, listeners };
}

function problemOfState(name: string): string {
  if (name === 'onStart') return 'a claim by a worker is no decision; hear onScheduled';
  return `there are ${HEARD_STATES.join(', ')}`;
}
