/*
 * One simulation: the processes of a scenario on one store, queue and clock; a seed says whose call is next.
 * Invariants: one call at a time; everything that its answer leads to has come to rest before the next one is chosen;
 * nothing depends on the machine's time or on its chance. The same scenario always goes the same way.
 */
import { type RunStatus } from '@joinery/core';
import { type SeededBug } from '../seeded-bugs/seeded-bug.ts';
import { makeFaultyCall } from './apply-fault.ts';
import { type ParkedCall } from './call-board.ts';
import { type Fault } from './fault.ts';
import { type Violation } from './invariants/system-watch.ts';
import { comeToRest, makeCall } from './make-call.ts';
import { Population } from './population.ts';
import { type Scenario } from './scenario.ts';
import { type TraceLine } from './trace.ts';
import { registerWarm } from './warm-memories.ts';
import { createWorld, type World } from './world.ts';

/** What became of a simulation. */
export interface Simulated {
  /** Empty: everything held. */
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly runs: number;
  /** Runs that runs have started. */
  readonly ownRuns: number;
  /** How often an operator has opened a run again. */
  readonly reopenings: number;
  /** Joins that have fired. A join that fires twice, or never, is a violation. */
  readonly joins: number;
  /** The statuses that runs have now. */
  readonly ends: ReadonlySet<RunStatus>;
  /** Simulated time until the last run ended, ms. */
  readonly elapsedMs: number;
  readonly faultsEffective: number;
  /** Empty unless asked for. */
  readonly trace: readonly TraceLine[];
}

/** How a simulation is made. */
export interface SimulateOptions {
  readonly bug?: SeededBug | null;
  readonly isTraced?: boolean;
}

/** Steps after which runs that live still will never end. Healthy ones take some hundreds. */
const STEPS_LIMIT = 12_000;
/** Half an hour is sixty full sweeps; the longest definition waits for some minutes. */
const ELAPSED_LIMIT_MS = 30 * 60_000;
/** Steps after the last end, in which late calls may do their harm. */
const AFTERGLOW_STEPS = 15;
/** A step takes less than this, ms. */
const STEP_MS = 3;

/** Plays a scenario to its end. */
export async function simulate(
  scenario: Scenario,
  { bug = null, isTraced = false }: SimulateOptions = {},
): Promise<Simulated> {
  const world = createWorld(scenario, bug);
  await registerWarm(scenario, world.definitions);
  return playOn(world, isTraced);
}

/** Plays a world on to its end, with all the processes of its scenario. */
export async function playOn(world: World, isTraced: boolean): Promise<Simulated> {
  const simulation = new Simulation(world, isTraced);
  await simulation.play();
  return simulation.result();
}

class Simulation {
  readonly #world: World;
  readonly #population: Population;
  readonly #faults: Map<number, Fault>;
  readonly #trace: TraceLine[] | null;
  #steps = 0;
  #faultsEffective = 0;

  constructor(world: World, isTraced: boolean) {
    this.#world = world;
    this.#population = new Population(world);
    this.#faults = new Map(world.scenario.faults.map((fault) => [fault.step, fault]));
    this.#trace = isTraced ? [] : null;
  }

  async play(): Promise<void> {
    const { watch, clock, scenario } = this.#world;
    this.#population.start();
    let afterglow = AFTERGLOW_STEPS;
    while (watch.violations.length === 0) {
      await comeToRest();
      this.#bury();
      if (this.#isOver() && (afterglow -= 1) < 0) break;
      if (this.#steps >= STEPS_LIMIT || clock.elapsedMs() > ELAPSED_LIMIT_MS) {
        this.#accuseStuck();
        break;
      }
      await this.#step();
    }
    watch.judgeStarts(scenario.runs);
    if (scenario.isPurged && watch.violations.length === 0) await this.#purge();
  }

  result(): Simulated {
    const { watch, clock, acknowledged, store } = this.#world;
    const kept = watch.runIds.flatMap((runId) => store.peek(runId) ?? []);
    const statuses = kept.map(({ record }) => record.status);
    const events = kept.flatMap(({ history }) => history.map(({ event }) => event.type));
    return {
      ends: new Set(statuses),
      joins: events.filter((type) => type === 'join.fired').length,
      reopenings: events.filter((type) => type === 'run.reopened').length,
      violations: watch.violations,
      steps: this.#steps,
      runs: acknowledged.size,
      ownRuns: Math.max(0, watch.runIds.length - acknowledged.size),
      elapsedMs: clock.elapsedMs(),
      faultsEffective: this.#faultsEffective,
      trace: this.#trace ?? [],
    };
  }

  #bury(): void {
    const { dying } = this.#world;
    for (const party of dying) this.#population.crash(party);
    dying.clear();
  }

  #isOver(): boolean {
    const { watch, acknowledged, scenario, carriedOut } = this.#world;
    const isIdle = acknowledged.size === scenario.runs && !watch.hasLive;
    // Ended runs leave attention when their last letter is acknowledged: somebody must get there.
    const isLeft = watch.firstAttention() === Number.POSITIVE_INFINITY;
    return isIdle && isLeft && carriedOut.count >= scenario.operations.length;
  }

  #accuseStuck(): void {
    const { watch, clock, acknowledged, scenario } = this.#world;
    const after = `after ${this.#steps} steps and ${clock.elapsedMs()} ms`;
    for (const runId of watch.live) watch.accuse('H22', runId, `it has not ended ${after}`);
    for (const runId of watch.attended) {
      if (!watch.live.includes(runId)) watch.accuse('H23', runId, `it is in attention ${after}`);
    }
    if (acknowledged.size < scenario.runs) watch.accuse('H22', '', `a start hangs ${after}`);
  }

  async #step(): Promise<void> {
    const call = this.#next();
    if (call === null) {
      this.#accuseStuck();
      return;
    }
    const { clock, dice } = this.#world;
    const fault = this.#faults.get(this.#steps);
    const line = this.#begin(call, fault);
    if (fault === undefined) await this.#execute(call, line, true);
    else {
      const execute = (isAnswered: boolean): Promise<void> => this.#execute(call, line, isAnswered);
      const isFelt = await makeFaultyCall(this.#world, this.#population, { fault, call, execute });
      if (isFelt) this.#faultsEffective += 1;
    }
    this.#steps += 1;
    clock.advanceTo(clock.now() + dice.below(STEP_MS));
  }

  /** One of the calls that are ready, at a later moment when none is ready now; null = there will never be one. */
  #next(): ParkedCall | null {
    const { board, clock, dice } = this.#world;
    let ready = board.ready(clock.now());
    if (ready.length === 0) {
      const moment = board.nextMoment(clock.now());
      if (!Number.isFinite(moment)) return null;
      clock.advanceTo(moment);
      ready = board.ready(moment);
    }
    const call = ready.length === 0 ? null : dice.pick(ready);
    if (call !== null) board.take(call);
    return call;
  }

  #begin(call: ParkedCall, fault: Fault | undefined): { reply: unknown } {
    const line: TraceLine & { reply: unknown } = {
      step: this.#steps,
      atMs: this.#world.clock.elapsedMs(),
      party: call.party.name,
      call: `${call.port}.${call.method}`,
      args: call.args,
      fault: fault?.kind ?? null,
      reply: undefined,
    };
    this.#trace?.push(line);
    return line;
  }

  async #execute(call: ParkedCall, line: { reply: unknown }, isAnswered: boolean): Promise<void> {
    try {
      line.reply = await makeCall(this.#world, call, isAnswered);
    } catch (error) {
      line.reply = String(error);
    }
  }

  /** When all retention is over, nothing may be left. */
  async #purge(): Promise<void> {
    const { store, watch, clock, scenario } = this.#world;
    const runIds = watch.runIds;
    clock.advanceTo(clock.now() + RETENTION_MS);
    for (let partition = 0; partition < scenario.partitions; partition += 1) {
      while ((await store.store.purge(partition, 1)).purged > 0);
    }
    for (const runId of runIds) {
      if (store.peek(runId) !== null) watch.accuse('H28', runId, 'it was not removed');
    }
  }
}

/** The longest retention of the store's defaults. */
const RETENTION_MS = 7 * 24 * 3_600_000;
