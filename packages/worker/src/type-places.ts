import type { TaskPlaces } from './claim-desk.ts';
import type { Task } from './define-task.ts';
import { createSlots, type Slots } from './slots.ts';

/** The places of each task type of a worker. */
export class TypePlaces implements TaskPlaces {
  readonly #places: ReadonlyMap<string, { readonly task: Task; readonly slots: Slots }>;
  #isClosed = false;

  constructor(tasks: readonly Task[]) {
    this.#places = new Map(
      tasks.map((task) => [task.type, { task, slots: createSlots(task.concurrency) }]),
    );
  }

  take(taskType: string): Task | null {
    const place = this.#isClosed ? undefined : this.#places.get(taskType);
    return place?.slots.takeNow() ? place.task : null;
  }

  /** The same for a job that has arrived: it may wait. */
  async takeWithin(task: Task, withinMs: number): Promise<boolean> {
    return (await this.#places.get(task.type)?.slots.take(withinMs)) ?? false;
  }

  leave(task: Task): void {
    this.#places.get(task.type)?.slots.free();
  }

  /** The worker goes on with nothing any more; what is held is still to be left. */
  close(): void {
    this.#isClosed = true;
  }
}
