// More than the values of the largest legal document, so that one pass over it always fits; a few hundred ms.
const MAX_VISITS = 5_000_000;

/** A query has looked at more values than one evaluation may. */
export class TooManyPlaces extends Error {
  constructor() {
    super(`looks at more than ${MAX_VISITS} values`);
  }
}

/** Counts the values that one query looks at: several deep scans and filters multiply. */
export class VisitBudget {
  private left = MAX_VISITS;

  visit(count: number): void {
    this.left -= count;
    if (this.left < 0) throw new TooManyPlaces();
  }
}
