import { type RecordingLogger, createRecordingLogger } from '@joinery/kit';
import {
  connectRedis,
  createBullmqJobQueue,
  type JobQueue,
  type QueueWorker,
  startTaskWorker,
  type TaskWorkerOptions,
} from '@joinery/queues';
import { type RedisServer } from '@joinery/testing';

/** A queue and any number of workers, all ended at once. */
export interface Bench {
  readonly queue: JobQueue;
  readonly log: RecordingLogger;
  work(options: Partial<TaskWorkerOptions> & Pick<TaskWorkerOptions, 'handle'>): QueueWorker;
  end(): Promise<void>;
}

export function openBench(server: RedisServer): Bench {
  const log = createRecordingLogger();
  const connection = connectRedis(server.url, log);
  const queue = createBullmqJobQueue({ connection });
  const workers: QueueWorker[] = [];
  return {
    queue,
    log,
    work(options) {
      const connect = (): ReturnType<typeof connectRedis> => connectRedis(server.url, log);
      const worker = startTaskWorker({
        taskType: 'charge',
        concurrency: 4,
        connect,
        queue,
        log,
        ...options,
      });
      workers.push(worker);
      return worker;
    },
    async end() {
      await Promise.all(workers.map((worker) => worker.close(0)));
      connection.disconnect();
    },
  };
}
