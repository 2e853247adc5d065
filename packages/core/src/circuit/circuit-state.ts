/*
 * A circuit breaker: the rules. Total and deterministic; moments arrive as arguments, ms since epoch by the store's clock.
 * Invariants:
 *  B1 closed, it counts the calls of the last window, and opens when there are enough of them and too many have failed.
 *  B2 open, it lets nobody through until `openUntil`; results of calls that began before change nothing.
 *  B3 after that at most `probes` calls are let through until it is known what they came to; one failure opens it again,
 *     as many successes as there are probes close it.
 *  B4 a probe of which nothing is heard for its lease counts as failed: the breaker never waits for the dead.
 *  B5 a reset closes it, whatever it is; what was counted is forgotten.
 */
import { type CircuitSettings } from './circuit-settings.ts';

/** Calls that ended in one part of the window. */
export interface CallCount {
  /** Beginning of the part. */
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** A call that was let through to find out whether the target is well again. */
export interface Probe {
  /** Token of its claim. */
  readonly token: string;
  /** End of its lease. */
  readonly until: number;
  readonly hasSucceeded: boolean;
}

/** A breaker. */
export interface CircuitState {
  readonly target: string;
  /** Those of the attempt that has asked last. */
  readonly settings: CircuitSettings;
  /** 0 = it is closed. */
  readonly openUntil: number;
  /** When it was last opened, closed or reset. */
  readonly since: number;
  /** How often it has opened. */
  readonly trips: number;
  /** Oldest first, at most 11. */
  readonly counts: readonly CallCount[];
  readonly probes: readonly Probe[];
}

/** What a breaker is at a moment. */
export type CircuitPhase = 'closed' | 'open' | 'half-open';

/** Whether a call may be made. */
export type Admission =
  | { readonly type: 'pass' }
  | { readonly type: 'probe' }
  | { readonly type: 'wait'; readonly waitMs: number };

/** A call that has ended. */
export interface EndedCall {
  readonly token: string;
  readonly hasSucceeded: boolean;
}

/** Parts of a window: the oldest goes as a whole, so that a call is counted for a tenth of the window too long at most. */
const PARTS = 10;
/** How soon one who finds all probes given away should ask again: about what a probe takes. */
const PROBING_WAIT_MS = 1_000;

/** A breaker of which nobody has heard. */
export function newCircuit(target: string, settings: CircuitSettings, at: number): CircuitState {
  return { target, settings, openUntil: 0, since: at, trips: 0, counts: [], probes: [] };
}

/** What the breaker is at this moment. */
export function circuitPhase(
  { openUntil }: Pick<CircuitState, 'openUntil'>,
  at: number,
): CircuitPhase {
  if (openUntil === 0) return 'closed';
  return at < openUntil ? 'open' : 'half-open';
}

/** Whether the holder of this token may call now, and what the breaker is then. */
export function admitCall(
  state: CircuitState,
  { token, at, leaseMs }: { readonly token: string; readonly at: number; readonly leaseMs: number },
): { readonly admission: Admission; readonly state: CircuitState } {
  const phase = circuitPhase(state, at);
  if (phase === 'closed') return { admission: { type: 'pass' }, state };
  if (phase === 'open') return { admission: waiting(state.openUntil - at), state };
  if (state.probes.some((probe) => isLost(probe, at))) {
    const opened = open(state, at);
    return { admission: waiting(opened.openUntil - at), state: opened };
  }
  const isKnown = state.probes.some((probe) => probe.token === token);
  if (!isKnown && state.probes.length >= state.settings.probes) {
    return { admission: waiting(PROBING_WAIT_MS), state };
  }
  const others = state.probes.filter((probe) => probe.token !== token);
  const probe = { token, until: at + leaseMs, hasSucceeded: false };
  return { admission: { type: 'probe' }, state: { ...state, probes: [...others, probe] } };
}

/** The breaker after these calls have ended, in their order. */
export function noteCalls(
  state: CircuitState,
  calls: readonly EndedCall[],
  at: number,
): CircuitState {
  return calls.reduce((current, call) => noteCall(current, call, at), state);
}

/** Renews the leases of these probes. */
export function renewProbes(
  state: CircuitState,
  tokens: readonly string[],
  { at, leaseMs }: { readonly at: number; readonly leaseMs: number },
): CircuitState {
  const probes = state.probes.map((probe) =>
    tokens.includes(probe.token) ? { ...probe, until: at + leaseMs } : probe,
  );
  return { ...state, probes };
}

/** The holder does not call after all: another may try in its place. What has succeeded stays. */
export function giveBackProbe(state: CircuitState, token: string): CircuitState {
  const probes = state.probes.filter((probe) => probe.token !== token || probe.hasSucceeded);
  return { ...state, probes };
}

/** Closed, with nothing counted. */
export function resetCircuit(state: CircuitState, at: number): CircuitState {
  return { ...state, openUntil: 0, since: at, counts: [], probes: [] };
}

function noteCall(state: CircuitState, call: EndedCall, at: number): CircuitState {
  switch (circuitPhase(state, at)) {
    case 'closed':
      return tripped(counted(state, call, at), at);
    case 'open':
      return state;
    case 'half-open':
      return probed(state, call, at);
  }
}

function counted(state: CircuitState, { hasSucceeded }: EndedCall, at: number): CircuitState {
  const { windowMs } = state.settings;
  const partMs = Math.ceil(windowMs / PARTS);
  const part = at - (at % partMs);
  const recent = state.counts.filter((count) => count.at > at - windowMs - partMs);
  const last = recent.at(-1);
  const current = last?.at === part ? last : { at: part, succeeded: 0, failed: 0 };
  const next = {
    at: part,
    succeeded: current.succeeded + (hasSucceeded ? 1 : 0),
    failed: current.failed + (hasSucceeded ? 0 : 1),
  };
  return { ...state, counts: [...recent.filter((count) => count.at !== part), next] };
}

function tripped(state: CircuitState, at: number): CircuitState {
  const { failurePercent, minCalls } = state.settings;
  const failed = sumOf(state.counts.map((count) => count.failed));
  const calls = failed + sumOf(state.counts.map((count) => count.succeeded));
  const isBad = calls >= minCalls && failed * 100 >= failurePercent * calls;
  return isBad ? open(state, at) : state;
}

function probed(state: CircuitState, { token, hasSucceeded }: EndedCall, at: number): CircuitState {
  if (!state.probes.some((probe) => probe.token === token)) return state;
  if (!hasSucceeded) return open(state, at);
  const probes = state.probes.map((probe) =>
    probe.token === token ? { ...probe, hasSucceeded } : probe,
  );
  const count = probes.filter((probe) => probe.hasSucceeded).length;
  const probing = { ...state, probes };
  return count >= state.settings.probes ? resetCircuit(probing, at) : probing;
}

function open(state: CircuitState, at: number): CircuitState {
  const openUntil = at + state.settings.openMs;
  return { ...state, openUntil, since: at, trips: state.trips + 1, counts: [], probes: [] };
}

function isLost({ until, hasSucceeded }: Probe, at: number): boolean {
  return !hasSucceeded && until <= at;
}

function waiting(waitMs: number): Admission {
  return { type: 'wait', waitMs };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
