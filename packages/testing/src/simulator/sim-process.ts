/*
 * One incarnation of one process: an engine on ports whose every call waits for its turn.
 * Invariants: after its death nothing of it happens any more; the next incarnation shares no memory with it.
 */
import { decide, isJoineryError, joineryError } from '@joinery/core';
import { createEngine, type Engine, type EnginePorts } from '@joinery/engine';
import { type Logger, type Timers } from '@joinery/kit';
import { type TaskJob } from '@joinery/queues';
import { type CallRequest, parkedPort, type Party } from './call-board.ts';
import { type Dice } from './dice.ts';
import { isDeadly } from './scenario.ts';
import { createSimEntropy } from './sim-entropy.ts';
import { simEvaluator } from './sim-evaluator.ts';
import { warmMemories } from './warm-memories.ts';
import { type World } from './world.ts';

/** What a process does from its birth on. */
export type RoleMain = (process: SimProcess) => Promise<void>;

/** A process of a simulation. */
export class SimProcess {
  readonly world: World;
  readonly role: string;
  readonly party: Party;
  readonly dice: Dice;
  readonly engine: Engine;
  /** Jobs that it has taken and not finished. */
  readonly jobs = new Set<TaskJob>();

  constructor(world: World, role: string, incarnation: number) {
    this.world = world;
    this.role = role;
    const name = incarnation === 1 ? role : `${role}.${incarnation}`;
    this.party = { name, pausedUntil: 0 };
    this.dice = world.dice.fork(name);
    const ports = this.#ports();
    const { bug } = world;
    const spoilt = bug === null ? ports : bug.spoil(ports, world.store);
    const engine = createEngine(spoilt, this.#timers());
    this.engine = { ...engine, ...warmMemories(world.scenario) };
  }

  /** Makes a call of its own, which waits for its turn like all others. */
  call<T>(
    request: Omit<CallRequest, 'party' | 'run'> & { readonly run: () => T },
  ): Promise<Awaited<T>> {
    return this.world.board.park({ ...request, party: this.party });
  }

  /** Waits. `notBefore`: nor until this moment, as long as it is what it is. */
  async sleep(forMs: number, notBefore?: () => number): Promise<void> {
    const { clock } = this.world;
    const readyAt = clock.now() + forMs;
    await this.call({
      port: 'time',
      method: 'sleep',
      args: [forMs],
      run: () => undefined,
      readyAt,
      ...(notBefore && {
        isReady: () => notBefore() <= clock.now(),
        jumpAt: () => Math.max(readyAt, notBefore()),
      }),
    });
  }

  /** Does something beside the rest; an error that was not made up is a finding. */
  spawn(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!isMadeUp(error))
        this.world.watch.accuse('threw', '', `${this.party.name}: ${String(error)}`);
    });
  }

  /** Does something; false when Redis was away in the middle of it. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isMadeUp(error)) throw error;
      return false;
    }
  }

  #ports(): EnginePorts {
    const { world, party } = this;
    const { board, nudges, locks } = world;
    const port = <T extends object>(target: T, name: string): T =>
      parkedPort(target, { name, board, party });
    return {
      store: port(world.store.store, 'store'),
      definitions: port(world.definitions, 'definitions'),
      queue: port(world.queue, 'queue'),
      nudges: parkedPort(nudges, {
        name: 'nudges',
        board,
        party,
        ready: { pop: () => nudges.size > 0 },
      }),
      gates: port(world.gates, 'gates'),
      locks: locks === 'fused' ? 'fused' : port(locks, 'locks'),
      clock: world.clock,
      entropy: createSimEntropy(this.dice),
      logger: silentLogger,
      evaluator: port(simEvaluator, 'evaluator'),
      processId: party.name,
      ...this.#illness(),
    };
  }

  #illness(): Partial<EnginePorts> {
    const { scenario, dying } = this.world;
    if (scenario.illness === 'broken-decider') return { decide: brokenDecide };
    if (scenario.illness === 'deadly-run') return { decide: this.#deadlyDecide };
    if (scenario.illness !== 'deadly-evaluation') return {};
    const die = (): Promise<void> => {
      dying.add(this.party);
      return new Promise(() => undefined);
    };
    return { crashPoint: (point) => (point === 'in-critical-section' ? die() : undefined) };
  }

  /** Starts every run, and survives no other evaluation of the deadly one. */
  readonly #deadlyDecide: typeof decide = (input) => {
    const { scenario, dying } = this.world;
    if (input.event.type === 'look' && isDeadly(scenario, input.slice.run)) dying.add(this.party);
    return decide(input);
  };

  #timers(): Timers {
    return {
      after: (delayMs, callback) => {
        let isCancelled = false;
        void this.call({
          port: 'time',
          method: 'timer',
          args: [delayMs],
          readyAt: this.world.clock.now() + delayMs,
          isReady: () => !isCancelled,
          run: callback,
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }
}

/** Starts runs, and cannot go on with them. */
const brokenDecide: typeof decide = (input) => {
  if (input.event.type === 'look') throw new TypeError('simulated');
  return decide(input);
};

const ignore = (): void => undefined;
const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

/** The error of a store that is away. */
export function madeUpError(): Error {
  const details = { address: 'simulated', operation: 'call', waitedMs: 0 };
  return joineryError('JN_REDIS_UNAVAILABLE', details);
}

function isMadeUp(error: unknown): boolean {
  return isJoineryError(error) && error.category === 'StoreUnavailable';
}
