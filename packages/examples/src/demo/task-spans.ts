import { isTerminalTask, type RecordedEvent, type TaskKey } from '@joinery/core';

/** What a task did for a while; ms since epoch. */
export interface TaskSpan {
  readonly from: number;
  readonly to: number;
  /** `lost`: its worker vanished with it. `waited`: in the queue, or for a retry. */
  readonly kind: 'waited' | 'ran' | 'failed' | 'lost';
  /** Who ran it; empty while it waited. */
  readonly worker: string;
}

interface OpenTask {
  readonly spans: TaskSpan[];
  since: number;
  worker: string;
}

/** How each task that workers run spent its time, out of the history of its run. */
export function taskSpans(
  history: readonly RecordedEvent[],
): ReadonlyMap<TaskKey, readonly TaskSpan[]> {
  const tasks = new Map<TaskKey, OpenTask>();
  for (const { at, event } of history) {
    if (!('key' in event) || event.type === 'repair.found') continue;
    const task = tasks.get(event.key);
    if (task === undefined) {
      if (event.type !== 'task.scheduled') continue;
      tasks.set(event.key, { spans: [], since: at, worker: '' });
    } else {
      follow(task, at, event);
    }
  }
  return new Map([...tasks].map(([key, { spans }]) => [key, spans]));
}

function follow(task: OpenTask, at: number, event: RecordedEvent['event']): void {
  const end = (kind: TaskSpan['kind'], nextWorker = ''): void => {
    task.spans.push({ from: task.since, to: at, kind, worker: task.worker });
    task.since = at;
    task.worker = nextWorker;
  };
  const isRunning = task.worker !== '';
  if (event.type === 'task.started') end(isRunning ? 'lost' : 'waited', event.worker);
  if (event.type === 'task.redelivered' && isRunning) end('lost');
  if (event.type === 'task.completed') end(event.status === 'COMPLETED' ? 'ran' : 'failed');
  if (event.type === 'task.decided' && isRunning && isTerminalTask(event.status)) end('failed');
}
