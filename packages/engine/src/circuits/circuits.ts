/*
 * The circuit breakers as one process sees them: it asks before it claims, and reports what calls came to.
 * Ownership: what was read lately, results that are still to be reported, and which claims are probes. All of it may be
 * lost at any time: a breaker then knows a little less, and a probe counts as failed when its lease ends.
 * Interface: ask, note, giveBack, renew; only `ask` may reject, as the claim that follows it would.
 * Invariants:
 *  C1 a breaker's state changes by a guarded commit of what core's rules make of it, and in no other way.
 *  C2 while a target is well, it is asked and told about at most so often a process, however many calls there are.
 *  C3 a failure is reported at once, with all successes that were held back before it.
 *  C4 a breaker that cannot be read stops nobody.
 *  C5 of those that ask in one process at once, one asks the store: the others hear what it was told.
 */
import {
  type Admission,
  admitCall,
  type CircuitSettings,
  type CircuitState,
  type EndedCall,
  giveBackProbe,
  isJoineryError,
  newCircuit,
  noteCalls,
  renewProbes,
  type TaskCircuit,
} from '@joinery/core';
import { type Clock, type Entropy, type Logger } from '@joinery/kit';
import { type Agenda } from '@joinery/store';
import { BoundedMap } from '../bounded-map.ts';
import { type EngineMeters } from '../engine-meters.ts';
import {
  type CircuitEvent,
  circuitIdOf,
  circuitStateOf,
  FORGOTTEN_AFTER_MS,
} from './circuit-entry.ts';
import { TargetTurns } from './target-turns.ts';
import { bodyOf, changeEntry } from '../schedules/agenda-ports.ts';

/** For how long an answer is good: other processes stop calling so soon after one has opened the breaker. */
const KNOWN_FOR_MS = 250;
/** Successes are reported together: what is held back longer tells little, a thousand commits a second cost much. */
const REPORT_EVERY_MS = 1_000;
/** Results that wait for their report while the store is away. */
const PENDING_LIMIT = 1_000;
/** Many processes want a probe at once: most of them will not get one. */
const BUSY_WAIT_MS = 1_000;
/** Targets of which a process knows something; of others it asks each time. */
const TARGETS_LIMIT = 10_000;

/** What breakers stand on. */
export interface CircuitParts {
  readonly circuits: Agenda;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  readonly meters: EngineMeters;
  /** For the log of a breaker. */
  readonly actor: string;
}

interface Known {
  readonly state: CircuitState;
  readonly readAt: number;
  /** The store's clock is so much ahead of ours. */
  readonly aheadMs: number;
}

interface Report {
  circuit: TaskCircuit;
  calls: EndedCall[];
  sentAt: number;
  sending: Promise<void> | null;
}

/** The breakers as one process sees them. */
export class Circuits {
  readonly #parts: CircuitParts;
  readonly #known = new BoundedMap<string, Known>(TARGETS_LIMIT);
  readonly #reports = new BoundedMap<string, Report>(TARGETS_LIMIT);
  readonly #turns = new TargetTurns();
  /** By the token of the claim. */
  readonly #probes = new Map<string, TaskCircuit>();

  constructor(parts: CircuitParts) {
    this.#parts = parts;
  }

  /** Whether the holder of this token may call the target now. `leaseMs`: for how long a probe is believed to live. */
  async ask(circuit: TaskCircuit, token: string, leaseMs: number): Promise<Admission> {
    const { target } = circuit;
    try {
      return (
        this.#recall(target, token, leaseMs) ??
        (await this.#turns.take(
          target,
          async () =>
            this.#recall(target, token, leaseMs) ?? (await this.#admit(circuit, token, leaseMs)),
        ))
      );
    } catch (err) {
      if (isJoineryError(err, 'JN_SCHEDULE_BUSY')) return { type: 'wait', waitMs: BUSY_WAIT_MS };
      if (!isJoineryError(err, 'JN_STORE_CORRUPT')) throw err;
      const fields = { event: 'circuit.unreadable', target: circuit.target, err };
      this.#parts.logger.error(fields, 'a circuit breaker cannot be read; its calls are made');
      return { type: 'pass' };
    }
  }

  /** A breaker as it is stored; null when nobody has used it lately. */
  async look(target: string): Promise<CircuitState | null> {
    const found = await this.#parts.circuits.find(circuitIdOf(target));
    return found === null ? null : circuitStateOf(found.body);
  }

  /** Reports what a call came to. Never rejects: what cannot be reported now goes with the next report. */
  note(circuit: TaskCircuit, call: EndedCall): Promise<void> {
    const { target } = circuit;
    const isProbe = this.#probes.delete(call.token);
    const report = this.#reports.get(target) ?? { circuit, calls: [], sentAt: 0, sending: null };
    this.#reports.set(target, report);
    report.circuit = circuit;
    report.calls.push(call);
    if (report.calls.length > PENDING_LIMIT) report.calls.shift();
    if (call.hasSucceeded && !isProbe && this.#canHoldBack(target, report))
      return Promise.resolve();
    report.sending ??= this.#send(report).finally(() => {
      report.sending = null;
    });
    return report.sending;
  }

  /** The call is not made after all, or nobody will hear of it; nothing unless the claim was a probe. Never rejects. */
  async giveBack(token: string): Promise<void> {
    const circuit = this.#probes.get(token);
    if (circuit === undefined) return;
    this.#probes.delete(token);
    await this.#quietly(circuit, (state) => giveBackProbe(state, token));
  }

  /** Renews the leases of those claims that are probes. Never rejects. */
  async renew(
    claims: readonly { readonly token: string; readonly leaseMs: number }[],
  ): Promise<void> {
    for (const { token, leaseMs } of claims) {
      const circuit = this.#probes.get(token);
      if (circuit === undefined) continue;
      await this.#quietly(circuit, (state, at) => renewProbes(state, [token], { at, leaseMs }));
    }
  }

  /** What is known here says it, as long as it need not change. */
  #recall(target: string, token: string, leaseMs: number): Admission | null {
    const known = this.#fresh(target);
    if (known === null) return null;
    const at = this.#parts.clock.now() + known.aheadMs;
    const { admission, state } = admitCall(known.state, { token, at, leaseMs });
    return state === known.state ? admission : null;
  }

  async #admit(circuit: TaskCircuit, token: string, leaseMs: number): Promise<Admission> {
    let admission = passing();
    await this.#change(circuit, (state, at) => {
      const admitted = admitCall(state, { token, at, leaseMs });
      ({ admission } = admitted);
      return admitted.state;
    });
    if (admission.type === 'probe') this.#probes.set(token, circuit);
    return admission;
  }

  /** The target is well as far as is known, and has been told about lately. */
  #canHoldBack(target: string, { calls, sentAt }: Report): boolean {
    const isQuiet = this.#parts.clock.now() - sentAt < REPORT_EVERY_MS;
    return isQuiet && calls.every((call) => call.hasSucceeded) && this.#isClosed(target);
  }

  #isClosed(target: string): boolean {
    const known = this.#known.get(target);
    return known !== undefined && known.state.openUntil === 0;
  }

  async #send(report: Report): Promise<void> {
    while (report.calls.length > 0) {
      const calls = report.calls.splice(0);
      report.sentAt = this.#parts.clock.now();
      const isDone = await this.#quietly(report.circuit, (state, at) =>
        noteCalls(state, calls, at),
      );
      if (isDone) continue;
      report.calls.unshift(...calls.slice(0, PENDING_LIMIT - report.calls.length));
      return;
    }
  }

  async #quietly(
    circuit: TaskCircuit,
    next: (state: CircuitState, at: number) => CircuitState,
  ): Promise<boolean> {
    try {
      await this.#turns.take(circuit.target, () => this.#change(circuit, next));
      return true;
    } catch (err) {
      const fields = { event: 'circuit.not-told', target: circuit.target, err };
      this.#parts.logger.warn(fields, 'a circuit breaker could not be told of a call');
      return false;
    }
  }

  async #change(
    circuit: TaskCircuit,
    next: (state: CircuitState, at: number) => CircuitState,
  ): Promise<void> {
    const { circuits: agenda, entropy, clock, actor } = this.#parts;
    const { target } = circuit;
    const settings = settingsOf(circuit);
    const seen: { at: number; turn: CircuitEvent | undefined } = { at: 0, turn: undefined };
    const after = await changeEntry<CircuitState>(
      { engine: { entropy }, agenda },
      { id: circuitIdOf(target), read: circuitStateOf },
      (found, at) => {
        const before = { ...(found ?? newCircuit(target, settings, at)), settings };
        const state = next(before, at);
        seen.at = at;
        seen.turn = turnOf(before, state, { at, actor });
        if (state === before) return null;
        const log = seen.turn === undefined ? [] : [bodyOf(seen.turn)];
        return { state, dueAt: at + FORGOTTEN_AFTER_MS, log };
      },
    );
    const state = after ?? newCircuit(target, settings, seen.at);
    if (seen.turn !== undefined) this.#announce(target, seen.turn);
    const readAt = clock.now();
    this.#known.set(target, { state, readAt, aheadMs: seen.at - readAt });
  }

  #announce(target: string, turn: CircuitEvent): void {
    this.#parts.meters.circuitTurned(turn.type);
    const fields = { event: `circuit.${turn.type}`, target };
    if (turn.type === 'opened')
      this.#parts.logger.warn(fields, 'calls of a target fail; it is left alone');
    else this.#parts.logger.info(fields, 'a target is well again');
  }

  #fresh(target: string): Known | null {
    const known = this.#known.get(target);
    if (known === undefined) return null;
    return this.#parts.clock.now() - known.readAt < KNOWN_FOR_MS ? known : null;
  }
}

function settingsOf(circuit: TaskCircuit): CircuitSettings {
  const { failurePercent, minCalls, windowMs, openMs, probes } = circuit;
  return { failurePercent, minCalls, windowMs, openMs, probes };
}

/** What a change means to people; nothing when it only counts. */
function turnOf(
  before: CircuitState,
  after: CircuitState,
  { at, actor }: { readonly at: number; readonly actor: string },
): CircuitEvent | undefined {
  if (after.trips > before.trips) return { type: 'opened', at, actor, reason: '' };
  const isClosed = before.openUntil > 0 && after.openUntil === 0;
  return isClosed ? { type: 'closed', at, actor, reason: '' } : undefined;
}

function passing(): Admission {
  return { type: 'pass' };
}
