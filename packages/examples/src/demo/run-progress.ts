import { isTerminalTask, type RecordedEvent } from '@joinery/core';

/** Where progress is shown. */
export interface Screen {
  readonly write: (text: string) => void;
  /** A terminal, on which a line can be written over. */
  readonly isTty: boolean;
}

/** Shows how far a run has come. */
export interface RunProgress {
  show(event: RecordedEvent): void;
  /** Puts a line of other news between them. */
  readonly note: (text: string) => void;
  /** Leaves the screen at the beginning of a fresh line. */
  end(): void;
}

const BAR_WIDTH = 30;
const ERASE = '\r\u001B[2K';

/** Progress of one run: a line for each join, retry and redelivery, and on a terminal a bar below them. */
export function createProgress(screen: Screen, now: () => number): RunProgress {
  const open = new Set<string>();
  let known = 0;
  let startedAt = 0;
  const draw = (): void => {
    if (!screen.isTty) return;
    const done = known - open.size;
    const filled = known === 0 ? 0 : Math.round((BAR_WIDTH * done) / known);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    screen.write(`${ERASE}  ${bar} ${done} of ${known} tasks so far`);
  };
  const put = (line: string, at: number): void => {
    const time = ((at - startedAt) / 1_000).toFixed(2).padStart(6);
    screen.write(`${screen.isTty ? ERASE : ''}  ${time} s  ${line}\n`);
    draw();
  };
  return {
    show({ at, event }) {
      startedAt ||= at;
      if (event.type === 'task.scheduled' && event.attempt === 1) known += 1;
      if (event.type === 'task.scheduled') open.add(event.key);
      if (event.type === 'task.completed' || event.type === 'join.fired') open.delete(event.key);
      if (event.type === 'task.decided' && isTerminalTask(event.status)) open.delete(event.key);
      const line = lineOf(event);
      if (line === undefined) draw();
      else put(line, at);
    },
    note: (text) => {
      put(text, now());
    },
    end() {
      if (screen.isTty) screen.write(ERASE);
    },
  };
}

function lineOf(event: RecordedEvent['event']): string | undefined {
  if (event.type === 'join.fired') return `${event.key}: ${event.branches} branches are in`;
  if (event.type === 'run.ended') return `the run has ended ${event.status}`;
  if (event.type === 'task.redelivered') {
    return `${event.key} is handed out again (${event.why})`;
  }
  return event.type === 'task.completed' && event.status !== 'COMPLETED'
    ? `${event.key} failed: ${event.reason}`
    : undefined;
}
