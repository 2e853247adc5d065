import { type ParkedCall } from './call-board.ts';
import { holdsLimits } from './scenario.ts';
import { isView, runIdsIn } from './partitioned-store.ts';
import { type World } from './world.ts';

/** Runs the effect of a call, holds the runs that it may have changed to the rules, and gives its reply on. */
export async function makeCall(
  world: World,
  call: ParkedCall,
  isAnswered: boolean,
): Promise<unknown> {
  try {
    const reply = await call.run();
    followCall(world, call, reply);
    if (isAnswered) call.resolve(reply);
    return reply;
  } catch (error) {
    if (isAnswered) call.reject(error);
    throw error;
  }
}

function followCall({ watch, clock, scenario }: World, call: ParkedCall, reply: unknown): void {
  const { port, method, args } = call;
  if (port !== 'store' || isView(method)) return;
  const [first] = args;
  const step = { method, at: clock.now() };
  if (typeof first === 'number') watch.follow(watch.inPartition(first), step);
  else if (first === undefined) watch.follow(watch.runIds, step);
  else watch.follow(runIdsIn(method === 'start' ? reply : first), step);
  if (holdsLimits(scenario)) watch.judgeLimits(step.at);
}

/** Everything that can go on without an answer from the board has gone on. Ticks come after all promises. */
export function comeToRest(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
