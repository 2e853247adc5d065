import { type JsonObject } from '@joinery/core';
import { CRASH_POINTS } from '@joinery/engine';
import { z } from 'zod';
import { TEST_LOCKS } from './test-lock.ts';

/** Places at which a role process can be held: the engine's, and the inside of a handler. */
export const HOLD_POINTS = ['in-handler', ...CRASH_POINTS] as const;
/** One of {@link HOLD_POINTS}. */
export type HoldPoint = (typeof HOLD_POINTS)[number];

/** The services that a role process can become. */
export const ROLES = ['worker', 'coordinator', 'scheduler', 'sweeper'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** What a role process is started with. */
export const roleSettingsSchema = z.object({
  /** File of the ledger. */
  ledger: z.string(),
  /** File to which commits are noted. */
  commits: z.string(),
  /** How long a step takes, at least and at most, ms. */
  stepMs: z.tuple([z.number(), z.number()]),
  stepConcurrency: z.number(),
  /** Serve the echo, the scripted and the harmful task too. */
  otherTasks: z.boolean(),
  /** Serve so many more task types, each with a queue of its own. */
  queueCount: z.number(),
  lock: z.enum(TEST_LOCKS).optional(),
});
/** What a role process is started with. */
export type RoleSettings = z.infer<typeof roleSettingsSchema>;

/** What a run is started with. */
const startOrderSchema = z.object({
  name: z.string(),
  input: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
  idempotencyKey: z.string(),
});

/** What a role process is told. */
export const orderSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('become'), role: z.enum(ROLES) }),
  /** Stop, once, where the process comes to next, and say so. */
  z.object({ type: z.literal('hold'), point: z.enum(HOLD_POINTS) }),
  z.object({ type: z.literal('release') }),
  /** From now on the clock of the process is off by so much, ms. */
  z.object({ type: z.literal('skew'), ms: z.number() }),
  /** Start a run, and answer with it. */
  z.object({ type: z.literal('start'), request: startOrderSchema }),
  /** How much has succeeded so far? */
  z.object({ type: z.literal('ask') }),
  /** Collect garbage, where Node was started with `--expose-gc`, and say how much is left. */
  z.object({ type: z.literal('collect') }),
]);
/** What a role process is told. */
export type Order = z.infer<typeof orderSchema>;

/** What a role process says. */
export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('running') }),
  z.object({ type: z.literal('held') }),
  z.object({ type: z.literal('started'), runId: z.string(), isNew: z.boolean() }),
  /** Calls of Redis by which this role lives, and which succeeded. */
  z.object({ type: z.literal('activity'), okCount: z.number() }),
  /** What is alive on the heap, bytes. */
  z.object({ type: z.literal('collected'), heapBytes: z.number() }),
]);
/** What a role process says. */
export type Report = z.infer<typeof reportSchema>;

/** A commit as it is noted, one line each. */
export const commitLineSchema = z.object({
  runId: z.string(),
  version: z.number(),
  fence: z.number(),
  pid: z.number(),
  reply: z.enum(['committed', 'refused', 'repeated', 'gone']),
});
/** A commit as it is noted. */
export type CommitLine = z.infer<typeof commitLineSchema>;
