/** The invariants that are judged, by their ids. A page lists them, and a test compares it with this table. */
export const RULES = {
  H1: 'The versions of a run are 1..n without gap or repeat.',
  H2: 'Each event follows from the state before it.',
  H3: 'Each acknowledged start exists, and each idempotency key names one run.',
  H4: 'Rows and record are what the history says.',
  H5: 'Each attempt is scheduled once; attempts follow each other.',
  H6: 'Each attempt ends once; each task succeeds at most once.',
  H7: 'Each stored result carries the token of the claim that was current.',
  H8: 'No task has more attempts than its retries allow.',
  H9: 'A step is scheduled after all that it takes its values from have ended.',
  H10: 'Every execution was handed out, and every stored result was executed.',
  H11: 'A run ends once.',
  H12: 'Nothing new happens in a run that is closing or has ended.',
  H15: 'Nothing is scheduled while a run is paused.',
  H16: 'Each join fires once, after the last branch that it waits for.',
  H21: 'What an ended task leads to is scheduled within the bound, outages of Redis apart.',
  H22: 'Every run ends after the last fault; every process does something after it.',
  H23: 'Ended runs leave attention, and no letter or job of theirs is left.',
  H24: 'No lock of an ended run outlives its lease.',
  H25: 'The fences of a run’s commits grow.',
  H27: 'Results are what was computed without an engine.',
  H28: 'A purged run leaves no key.',
  H31: 'What survives a loss of each run is a prefix of its history.',
  H32: 'After a loss the epoch of the store has grown.',
} as const;

/** Invariants of the catalogue that nothing here judges, and why. */
export const NOT_JUDGED = {
  H13: 'C8 looks at every child of the runs that it terminates; nobody else does',
  H14: 'there is no failure workflow yet',
  H17: 'T1 to T4 look at their timers and schedules themselves; the simulator judges all timers',
  H18: 'D5 compares loops and switches with the reference model; loops are in the load of C1, too',
  H19: 'C1 and C9 compare all runs in the store with what parents have asked for',
  H20: 'judged step by step by the simulator: sampling real processes is not atomic',
  H26: 'refused commits are counted; that they change nothing is the contract test of the scripts',
  H29: 'there are no secrets in the chaos workloads',
  H30: 'costs are asserted by the fan-in tests',
} as const;
