/** One thing at a time for each target, in order of arrival. */
export class TargetTurns {
  /** What was asked for last; a target is here while something is under way. */
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(target: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(target) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(target, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(target) === mine) this.#last.delete(target);
    }
  }
}
