import { parseWaitUntil } from '../src/index.ts';

/** A moment in UTC, ms since epoch: `2026-05-01`, `2026-05-01 00:30`, `2026-05-01T00:30:00Z`. */
export function utc(text: string): number {
  const at = parseWaitUntil(text.replace('T', ' ').replace(/:00Z$/, ''));
  if (at === null) throw new Error(`${text} is no moment`);
  return at;
}
