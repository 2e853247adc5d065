import { type Engine, handleEvents } from '@joinery/engine';
import { createLoop, type Loop, type Timers } from '@joinery/kit';

/** From the end of a pass to the next: how late an event is handled at most, when there are few. */
const INTERVAL_MS = 250;
/** What a process has left behind is looked for in each so many passes: it is left alone for 30 s anyway. */
const LEFT_EVERY = 20;

/** Lets event handlers have their effects, over and over. Any number of processes may do it. */
export function createEventLoop(engine: Engine, timers?: Timers): Loop {
  let passCount = 0;
  return createLoop({
    name: 'events',
    intervalMs: () => INTERVAL_MS,
    async pass(signal) {
      passCount += 1;
      if (passCount % LEFT_EVERY === 1) await handleEvents(engine, { isLeft: true });
      while (!signal.aborted && (await handleEvents(engine)) > 0);
    },
    logger: engine.logger,
    ...(timers ? { timers } : {}),
  });
}
