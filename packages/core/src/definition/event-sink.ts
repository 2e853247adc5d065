import { errorMessage } from '../errors/joinery-error.ts';
import type { RunState } from '../run/run-state.ts';

/** Where an event goes: `conductor:…`, `redis:…`, `bullmq:…`; or why it goes nowhere. */
export type EventSink =
  | { readonly ok: true; readonly sink: string }
  | { readonly ok: false; readonly reason: string };

/** What may stand in a stream's or a queue's name: it becomes part of a key. */
const PLACE = /^(?:redis|bullmq):[A-Za-z0-9_.-]{1,200}$/;
const CONDUCTOR = /^conductor(?::([^\s:{}]{1,200}))?$/;

/**
 * The sink that is written: `conductor` and `conductor:<name>` become `conductor:<workflow>:<name or task reference>`, as
 * in Conductor 3.30; `redis:<stream>` and `bullmq:<queue>` stay. Its other sinks are refused.
 */
export function eventSinkOf(written: unknown, run: RunState, ref: string): EventSink {
  const text = typeof written === 'string' ? written : JSON.stringify(written ?? null);
  if (PLACE.test(text)) return { ok: true, sink: text };
  const conductor = CONDUCTOR.exec(text);
  if (conductor !== null) {
    return { ok: true, sink: `conductor:${run.definition}:${conductor[1] ?? ref}` };
  }
  const reason = errorMessage('JN_EVENT_SINK', { sink: text.slice(0, 200) });
  return { ok: false, reason: `JN_EVENT_SINK: ${reason}` };
}

/** Why no sink can come of this text; null when one can, or when it holds expressions. */
export function sinkProblem(written: string): string | null {
  const isSink = written.includes('${') || PLACE.test(written) || CONDUCTOR.test(written);
  return isSink ? null : errorMessage('JN_EVENT_SINK', { sink: written.slice(0, 200) });
}
