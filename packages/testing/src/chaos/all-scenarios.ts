import { type Scenario } from './scenario.ts';
import { killAnybody } from './scenarios/c1-kill-anybody.ts';
import { crashPoints } from './scenarios/c2-crash-points.ts';
import { killBeforeJoin } from './scenarios/c3-kill-before-join.ts';
import { killSweepers } from './scenarios/c4-kill-sweepers.ts';
import { killEverybody } from './scenarios/c5-kill-everybody.ts';
import { killStarter } from './scenarios/c6-kill-starter.ts';
import { crashLoop } from './scenarios/c7-crash-loop.ts';
import { killInTermination } from './scenarios/c8-kill-in-termination.ts';
import { killInChildStart } from './scenarios/c9-kill-in-child-start.ts';
import { terminateAnybody } from './scenarios/c10-terminate.ts';
import { outOfMemory } from './scenarios/c11-out-of-memory.ts';
import { killRedis } from './scenarios/r1-kill-redis.ts';
import { longOutage } from './scenarios/r2-long-outage.ts';
import { cutFile } from './scenarios/r3-cut-file.ts';
import { failOver } from './scenarios/r4-fail-over.ts';
import { splitBrain } from './scenarios/r5-split-brain.ts';
import { memoryFull } from './scenarios/r7-memory-full.ts';
import { slowFsync } from './scenarios/r8-slow-fsync.ts';
import { dropAllQueues } from './scenarios/r9-drop-queues.ts';
import { deletedKeys } from './scenarios/r10-deleted-keys.ts';
import { cutClients } from './scenarios/r11-cut-clients.ts';
import { slowNetwork } from './scenarios/n1-slow-network.ts';
import { partition } from './scenarios/n2-partition.ts';
import { lostReplies } from './scenarios/n4-lost-replies.ts';
import { deadAir } from './scenarios/n5-dead-air.ts';
import { pauseCoordinator } from './scenarios/k1-pause-coordinator.ts';
import { pauseWorker } from './scenarios/k2-pause-worker.ts';
import { dropLocks } from './scenarios/k3-drop-locks.ts';
import { hotRunForAll } from './scenarios/k4-hot-run.ts';
import { noLock } from './scenarios/k5-no-lock.ts';
import { lostExtensions } from './scenarios/k6-lost-extensions.ts';
import { lockNodeDown } from './scenarios/k7-lock-node-down.ts';
import { skewedClocks } from './scenarios/t1-skewed-clocks.ts';
import { clockJump } from './scenarios/t2-clock-jump.ts';
import { manyTimers } from './scenarios/t3-many-timers.ts';
import { calendarEdges } from './scenarios/t4-calendar-edges.ts';
import { racingTimeOuts } from './scenarios/t5-racing-time-outs.ts';
import { wideForkUnderFire } from './scenarios/l1-wide-fork.ts';
import { manyQueues } from './scenarios/l2-many-queues.ts';
import { manyWaiting } from './scenarios/l3-many-waiting.ts';
import { endlessLoop } from './scenarios/l4-endless-loop.ts';
import { poison } from './scenarios/d1-poison.ts';
import { repeatedJobs } from './scenarios/d2-repeated-jobs.ts';
import { oddPayloads } from './scenarios/d3-odd-payloads.ts';
import { spoiltKeys } from './scenarios/d4-spoilt-keys.ts';
import { degenerateJoins } from './scenarios/d5-degenerate-joins.ts';
import { foreignResults } from './scenarios/d6-foreign-results.ts';
import { sameKey } from './scenarios/d7-same-key.ts';

/** Every scenario, in the order of the catalogue. */
export const SCENARIOS: readonly Scenario[] = [
  killAnybody,
  crashPoints,
  killBeforeJoin,
  killSweepers,
  killEverybody,
  killStarter,
  crashLoop,
  killInTermination,
  killInChildStart,
  terminateAnybody,
  outOfMemory,
  killRedis,
  longOutage,
  cutFile,
  failOver,
  splitBrain,
  memoryFull,
  slowFsync,
  dropAllQueues,
  deletedKeys,
  cutClients,
  slowNetwork,
  partition,
  lostReplies,
  deadAir,
  pauseCoordinator,
  pauseWorker,
  dropLocks,
  hotRunForAll,
  noLock,
  lostExtensions,
  lockNodeDown,
  skewedClocks,
  clockJump,
  manyTimers,
  calendarEdges,
  racingTimeOuts,
  wideForkUnderFire,
  manyQueues,
  manyWaiting,
  endlessLoop,
  poison,
  repeatedJobs,
  oddPayloads,
  spoiltKeys,
  degenerateJoins,
  foreignResults,
  sameKey,
];

/** The scenario with this id; throws for an unknown one. */
export function scenarioOf(id: string): Scenario {
  const found = SCENARIOS.find((each) => each.id === id);
  if (found) return found;
  const known = SCENARIOS.map((each) => each.id).join(', ');
  throw new Error(`there is no scenario ${id}; there are ${known}`);
}
