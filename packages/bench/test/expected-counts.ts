import { type WorkloadName } from '../src/index.ts';

/**
 * What a run costs that is alone, per run: exactly, or from–to where chance has a part: beats, a nudge that meets a
 * decision under way, how many branches a worker of BullMQ finds in one look.
 */
export type ExpectedCounts = Readonly<Record<CountName, number | readonly [number, number]>>;

/**
 * jobs: BullMQ's. claim … commit: calls of the store by the process that works and decides. storeScripts: scripts on the
 * store's keys, those of the client too. queueScripts: on BullMQ's. requests: of all clients, but for those that come
 * with time; each is a round trip unless it went out together with others. bytes: into Redis and out of it.
 */
export type CountName =
  | 'jobs'
  | 'claim'
  | 'complete'
  | 'load'
  | 'commit'
  | 'storeScripts'
  | 'queueScripts'
  | 'requests'
  | 'bytes';

/** Branches of W3 here. */
export const SMALL_FORK = 100;

/** The numbers that a change of the hot path moves. */
export const EXPECTED: Readonly<Record<WorkloadName, ExpectedCounts>> = {
  // One job; the worker goes on by itself, and the decisions come with the results.
  W1: {
    jobs: 1,
    claim: 1,
    complete: 5,
    load: 0,
    commit: 0,
    storeScripts: [7, 7.5],
    queueScripts: [5, 5.5],
    requests: [18, 26],
    bytes: [22_000, 26_000],
  },
  W2: {
    jobs: 11,
    claim: 11,
    complete: 12,
    load: 1,
    commit: 1,
    storeScripts: [26, 26.5],
    queueScripts: [30, 52.5],
    requests: [85, 135],
    bytes: [90_000, 106_000],
  },
  W3: {
    jobs: SMALL_FORK,
    claim: SMALL_FORK,
    complete: SMALL_FORK,
    load: 1,
    commit: 1,
    // Long enough for beats: one or two a run on a busy machine.
    storeScripts: [203, 206],
    queueScripts: [240, 410],
    requests: [550, 900],
    bytes: [700_000, 820_000],
  },
  // All leaves end at nearly the same time, so that few decisions settle many joins; at most one for each.
  W4: {
    jobs: 28,
    claim: 28,
    complete: 28,
    load: [1, 15],
    commit: [1, 14],
    storeScripts: [58, 86],
    queueScripts: [80, 120],
    requests: [290, 420],
    bytes: [240_000, 300_000],
  },
};
