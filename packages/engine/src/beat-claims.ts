import { type BeatItem } from '@joinery/store';
import { type Engine } from './engine.ts';

// One call stays below some ms of script time; a process has rarely more claims than that.
const CHUNK = 500;

/** Renews claims, one answer each. False: lost, and the handler must stop; its result would be refused. */
export async function beatClaims(
  engine: Pick<Engine, 'store'>,
  items: readonly BeatItem[],
): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    answers.push(...(await engine.store.beat(items.slice(from, from + CHUNK))));
  }
  return answers;
}
