import { type Rule } from '../history/check-history.ts';
import { type BundledEntry } from './bundle-entry.ts';
import { type ChaosReport } from './chaos-report.ts';
import { type Need } from './scenario-needs.ts';

/** How much is done. */
export interface ScenarioSize {
  /** Runs that are started at least. */
  readonly runs: number;
  /** Faults that are injected at least. */
  readonly faults: number;
}

/** `test`: seconds, within the tests. `default`: about a minute. `release`: the gate. */
export const SIZE_NAMES = ['test', 'default', 'release'] as const;
/** One of {@link SIZE_NAMES}. */
export type SizeName = (typeof SIZE_NAMES)[number];

/** One performance of a scenario. */
export interface PlayOptions extends ScenarioSize {
  readonly seed: number;
  /** No more faults and starts after it, however many were planned; ms. Default: no bound. */
  readonly forMs?: number;
  /** Hears how it goes. */
  readonly say: (line: string) => void;
  /** The program of the role processes, when it is bundled already; the caller disposes of it. */
  readonly bundle?: BundledEntry;
}

/** What a performance came to; the rest of a report is the same for all scenarios. */
export type Outcome = Omit<
  ChaosReport,
  'scenario' | 'seed' | 'size' | 'at' | 'seconds' | 'machine'
>;

/** A fault and what must hold in spite of it. */
export interface Scenario {
  /** Of the catalogue: C crashes, R Redis, N network, K locks and pauses, T time, L load, D data. */
  readonly id: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly method: string;
  readonly notTested: readonly string[];
  /** Invariants that decide the verdict. */
  readonly rules: readonly Rule[];
  readonly sizes: Readonly<Record<SizeName, ScenarioSize>>;
  readonly needs?: readonly Need[];
  readonly play: (options: PlayOptions) => Promise<Outcome>;
}
