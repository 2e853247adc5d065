import { type Task } from '@joinery/worker';
import { type WorkerReport } from './worker-message.ts';

/** The same task, except that its begin is reported before its handler runs, and its end before its result is sent. */
export function watchedTask(task: Task, report: (report: WorkerReport) => Promise<void>): Task {
  return {
    ...task,
    async execute(input, context) {
      const { runId, taskRef } = context;
      const handler = { runId, taskRef, taskType: task.type };
      await report({ type: 'began', ...handler });
      try {
        return await task.execute(input, context);
      } finally {
        await report({ type: 'ended', ...handler });
      }
    },
  };
}
