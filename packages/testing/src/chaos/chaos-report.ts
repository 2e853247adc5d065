import { z } from 'zod';

/** What a chaos run came to: the fields that others may read from the last line of `--json`. */
export const chaosLineSchema = z.object({
  scenario: z.string(),
  seed: z.number(),
  /** Starts that were acknowledged. */
  runs: z.number(),
  /** Runs that ended as was computed without an engine. */
  completed: z.number(),
  /** Acknowledged runs that are gone, or never ended. */
  lost: z.number(),
  /** Results and joins beyond the first of their task. */
  duplicatedCommits: z.number(),
  invariantBreaks: z.number(),
  /** Longest time between two events of a run, outages of Redis apart, ms. */
  maxStuckMs: z.number(),
  /** From start to end of a run, ms. */
  p99Ms: z.number(),
  faultsPlanned: z.number(),
  faultsInjected: z.number(),
  /** Those that hit something. */
  faultsEffective: z.number(),
  verdict: z.enum(['valid', 'invalid', 'unknown', 'skipped']),
});
/** The fields of the last line. */
export type ChaosLine = z.infer<typeof chaosLineSchema>;

/** A chaos run with all that a page tells of it. */
export const chaosReportSchema = chaosLineSchema.extend({
  /** Day and time, UTC. */
  at: z.string(),
  size: z.string(),
  seconds: z.number(),
  machine: z.object({
    cores: z.number(),
    /** Mean load over the minute before the run. */
    loadBefore: z.number(),
    node: z.string(),
    redis: z.string(),
  }),
  /** As Jepsen counts: every start that was asked for is in one or more of them. */
  classes: z.object({
    attempted: z.number(),
    acknowledged: z.number(),
    ok: z.number(),
    lost: z.number(),
    /** Ended otherwise than computed. */
    unexpected: z.number(),
    duplicated: z.number(),
    /** Acknowledged only after at least one call without an answer. */
    recovered: z.number(),
  }),
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }),
  /** The two events between which a run stood still for `maxStuckMs`. */
  stuckBetween: z.string().default(''),
  /** How often what should sometimes happen did. */
  marks: z.record(z.string(), z.number()),
  /** Figures of the scenario's own. */
  figures: z.record(z.string(), z.number()),
  /** Why it is not valid. */
  reasons: z.array(z.string()),
});
/** A chaos run with all that a page tells of it. */
export type ChaosReport = z.infer<typeof chaosReportSchema>;

/** The last line of `--json`: these fields and no others. */
export function lineOf(report: ChaosReport): ChaosLine {
  return z.object(chaosLineSchema.shape).parse(report);
}
