/*
 * Ownership: who may evaluate in this process now. Interface: beside, for everybody; alone, for a run that is suspect.
 * Invariants: whoever is alone has nobody beside it from its first step to its last; nobody waits but for those who are
 * there already, so that a suspect is not starved by newcomers.
 */

/** Lets evaluations run beside each other, and suspect ones one at a time with nothing beside them. */
export class EvaluationGate {
  #besideCount = 0;
  #emptied: () => void = ignore;
  /** Settles when the last of those who want to be alone is done; null = nobody wants to be. */
  #closed: Promise<void> | null = null;

  /** Runs the work as soon as nobody is alone, or about to be. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== null) await this.#closed;
    this.#besideCount += 1;
    try {
      return await work();
    } finally {
      this.#besideCount -= 1;
      if (this.#besideCount === 0) this.#emptied();
    }
  }

  /** Runs the work when all that has begun has ended; whatever else is to begin waits for its end. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#closed;
    const done = this.#afterTurn(before, work);
    const closed = done.then(ignore, ignore);
    this.#closed = closed;
    try {
      return await done;
    } finally {
      if (this.#closed === closed) this.#closed = null;
    }
  }

  async #afterTurn<T>(before: Promise<void> | null, work: () => Promise<T>): Promise<T> {
    await before;
    if (this.#besideCount > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    return work();
  }
}

function ignore(): void {
  // Nobody waits for it.
}
