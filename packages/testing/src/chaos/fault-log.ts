import { type LossNote } from '../history/judge-loss.ts';
import { type Outage } from '../history/outage.ts';

/** One fault as it happened, moments in ms since epoch. */
export interface Fault {
  readonly what: string;
  readonly from: number;
  readonly until: number;
  /** It hit something: work was under way where it struck. */
  readonly isEffective: boolean;
}

/** What was done to a system, and what of it counts. */
export interface FaultLog {
  readonly faults: readonly Fault[];
  /** Times in which Redis could not be reached. */
  readonly outages: readonly Outage[];
  /** What was compared before and after writes were lost, and how many commits were noted by then. */
  readonly losses: { readonly note: LossNote; readonly commitCount: number }[];
  /** Sums of the scenario's own. */
  readonly figures: Readonly<Record<string, number>>;
  /** What should not have been, besides what histories tell. */
  readonly problems: string[];
  /** Adds to one of the sums. */
  count(figure: string, by: number): void;
  /** Keeps the most of what is told. */
  most(figure: string, of: number): void;
  /** Does one fault and notes it; `work` answers whether it hit. What it throws is noted as no fault, and thrown. */
  inject(what: string, work: () => Promise<boolean>): Promise<void>;
  /** Notes a time by Redis' clock that is to be taken off like one in which it could not be reached. */
  outageAt(outage: Outage): void;
  /** Notes that Redis cannot be reached while `work` is under way. */
  outage<T>(work: () => Promise<T>): Promise<T>;
}

/** An empty log. */
export function createFaultLog(): FaultLog {
  const faults: Fault[] = [];
  const outages: Outage[] = [];
  const figures: Record<string, number> = {};
  return {
    faults,
    outages,
    losses: [],
    problems: [],
    figures,
    count: (figure, by) => {
      figures[figure] = (figures[figure] ?? 0) + by;
    },
    most: (figure, of) => {
      figures[figure] = Math.round(Math.max(figures[figure] ?? of, of));
    },
    async inject(what, work) {
      const from = Date.now();
      const isEffective = await work();
      faults.push({ what, from, until: Date.now(), isEffective });
    },
    outageAt: (outage) => void outages.push(outage),
    async outage(work) {
      const from = Date.now();
      try {
        return await work();
      } finally {
        outages.push({ from, until: Date.now() });
      }
    },
  };
}
