/** What a performance must have shown besides its histories: without it, that nothing broke says nothing. */
export interface Performance {
  readonly faultsPlanned: number;
  /** Those that hit something. */
  readonly faultsEffective: number;
  /** What should sometimes happen, and how often it did. */
  readonly marks: Readonly<Record<string, number>>;
  /** Marks without which it has shown nothing. */
  readonly wantedMarks: readonly string[];
  /** Processes that did nothing after the last fault had healed, as they are to be named. */
  readonly silent: readonly string[];
}

/** Less of what was planned, and the performance says nothing. */
const EFFECTIVE_SHARE = 0.95;

/** Why a performance is invalid although no rule was broken; empty: it is not. */
export function emptinessOf(performance: Performance): readonly string[] {
  const { faultsPlanned, faultsEffective, marks, wantedMarks, silent } = performance;
  const hasMissed = faultsEffective < EFFECTIVE_SHARE * faultsPlanned;
  return [
    ...(hasMissed ? [`${faultsEffective} of ${faultsPlanned} faults hit something`] : []),
    ...wantedMarks.filter((mark) => !marks[mark]).map((mark) => `never happened: ${mark}`),
    ...silent.map((name) => `${name} did nothing after the last fault`),
  ];
}
