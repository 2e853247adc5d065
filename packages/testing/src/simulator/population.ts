/*
 * Ownership: which processes live. A process that dies is born again some time later, with nothing of its memory.
 */
import { type TaskJob } from '@joinery/queues';
import { type Party } from './call-board.ts';
import { answer } from './actors/outsider.ts';
import { coordinate } from './actors/coordinator.ts';
import { operate } from './actors/operator.ts';
import { produce } from './actors/producer.ts';
import { relay } from './actors/relay.ts';
import { sweep } from './actors/sweeper.ts';
import { work } from './actors/worker.ts';
import { type RoleMain, SimProcess } from './sim-process.ts';
import { type World } from './world.ts';

/** A new process is up after this at most. */
const BIRTH_MS = 2_000;
/** BullMQ gives a dead worker's job to the next one after about its lock's duration and a stall check. */
const STALLED_MS = 4_000;

/** The processes of a world. */
export class Population {
  readonly #world: World;
  readonly #living = new Map<Party, SimProcess>();
  readonly #mains = new Map<string, RoleMain>();
  readonly #births = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    const { workers, coordinators, operations, definition } = world.scenario;
    this.#mains.set('producer', produce);
    for (let index = 1; index <= workers; index += 1) this.#mains.set(`worker-${index}`, work);
    for (let index = 1; index <= coordinators; index += 1) {
      this.#mains.set(`coordinator-${index}`, coordinate);
    }
    this.#mains.set('scheduler', relay);
    this.#mains.set('sweeper', sweep);
    if (operations.length > 0) this.#mains.set('operator', operate);
    if (definition.hasOpenWaits) this.#mains.set('outsider', answer);
  }

  /** Jobs that somebody has taken and not finished. */
  get jobs(): readonly TaskJob[] {
    return [...this.#living.values()].flatMap(({ jobs }) => Array.from(jobs));
  }

  /** Who has this role now, unless it is dead. */
  processOf(role: string): SimProcess | undefined {
    return [...this.#living.values()].find((process) => process.role === role);
  }

  /** Everybody begins. */
  start(): void {
    for (const role of this.#mains.keys()) this.#bear(role);
  }

  /** Ends a process at once; false when the party is none. */
  crash(party: Party): boolean {
    const process = this.#living.get(party);
    if (process === undefined) return false;
    const { board, clock, nobody, dice, queue } = this.#world;
    this.#living.delete(party);
    board.drop(party);
    const { role, jobs } = process;
    void board.park({
      party: nobody,
      port: 'world',
      method: `restart ${role}`,
      args: [],
      readyAt: clock.now() + dice.below(BIRTH_MS),
      run: () => this.#bear(role),
    });
    for (const job of jobs) {
      void board.park({
        party: nobody,
        port: 'jobs',
        method: 'stalled',
        args: [job.key, job.attempt, job.dispatch],
        readyAt: clock.now() + STALLED_MS,
        run: () => queue.putBack(job, 0),
      });
    }
    return true;
  }

  #bear(role: string): void {
    const main = this.#mains.get(role);
    if (main === undefined) throw new Error(`nobody is ${role}`);
    const incarnation = (this.#births.get(role) ?? 0) + 1;
    this.#births.set(role, incarnation);
    const process = new SimProcess(this.#world, role, incarnation);
    this.#living.set(process.party, process);
    process.spawn(() => main(process));
  }
}
