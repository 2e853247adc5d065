/*
 * A worker process of the main job: waits to be told where Redis is, then runs the tasks of the examples.
 * It ends when its parent lets go of it, in whatever way.
 */
import { createLogger, readConfig, systemEntropy } from '@joinery/kit';
import { createWorker, type Worker } from '@joinery/worker';
import { watchedTask } from './demo/watched-task.ts';
import { orderSchema, type WorkerReport } from './demo/worker-message.ts';
import { flightTasks } from './flights/flight-tasks.ts';

/** What is in hand at the end is handed to the next worker: nobody waits for it here. */
const DRAIN_MS = 1_000;

let worker: Worker | undefined;
process.once('message', (message) => {
  void start(message);
});
process.once('disconnect', () => {
  void leave();
});
// Ctrl-C reaches the whole group of processes; who says when to stop is the parent.
process.on('SIGINT', () => undefined);

async function start(message: unknown): Promise<void> {
  const { redisUrl } = orderSchema.parse(message);
  const config = readConfig();
  const workerId = `flights-${process.pid}-${systemEntropy.randomId().slice(0, 8)}`;
  const { claimLeaseMs, beatEveryMs } = config.worker;
  worker = createWorker({
    tasks: flightTasks.map((task) => watchedTask(task, report)),
    redisUrl,
    prefix: config.redis.prefix,
    partitions: config.store.partitions,
    queuePrefix: config.queue.prefix,
    workerId,
    logger: createLogger({ level: 'error', name: 'worker' }),
    timings: { drainTimeoutMs: DRAIN_MS, claimLeaseMs, beatEveryMs },
  });
  await worker.start();
  await report({ type: 'ready', workerId });
}

async function leave(): Promise<void> {
  await worker?.stop();
  process.exit(0);
}

/** Resolves when the report is out of this process: a kill after that cannot take it back. */
function report(message: WorkerReport): Promise<void> {
  return new Promise((resolve) => {
    // The parent may be gone; then nobody wants to know.
    if (!process.connected || process.send === undefined) resolve();
    else {
      process.send(message, undefined, undefined, () => {
        resolve();
      });
    }
  });
}
