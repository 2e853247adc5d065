import { beforeAll, describe, expect, it } from 'vitest';
import { measured } from '../src/measured.ts';
import { playCovered } from '../src/verb-coverage/covered-bundle.ts';
import { UNPLAYED } from '../src/verb-coverage/unplayed.ts';
import { findWritingCode, type WritingCode } from '../src/verb-coverage/writing-branches.ts';

const SEEDS = { small: 200, plain: 60, rich: 120, timed: 60, operated: 120, limited: 60 };

let code: WritingCode;
let broken: readonly string[];

beforeAll(async () => {
  const bundle = await playCovered(SEEDS);
  broken = bundle.broken;
  code = findWritingCode(bundle);
  const { executed, unexecuted } = code;
  measured('writing code of the verbs', { executed, unexecuted: unexecuted.length });
});

describe('the writing branches of the verbs', () => {
  it('are executed by simulations, or named with a reason', () => {
    expect(broken).toEqual([]);
    const missing = code.unexecuted.filter(({ file, line }) => !isNamed(file, line));
    expect(missing).toEqual([]);
    expect(code.executed).toBeGreaterThan(150);
  });

  it('are named only where they are not executed', () => {
    const found = new Set(code.unexecuted.map(({ file, line }) => `${file}: ${line}`));
    const stale = UNPLAYED.flatMap(({ lines }) =>
      Object.entries(lines).flatMap(([file, some]) => some.map((line) => `${file}: ${line}`)),
    ).filter((named) => !found.has(named));
    expect(stale).toEqual([]);
    const places = UNPLAYED.flatMap((each) => each.places);
    const idle = places.filter((place) => !code.unexecuted.some(({ file }) => isIn(file, place)));
    expect(idle).toEqual([]);
  });
});

function isNamed(file: string, line: string): boolean {
  return UNPLAYED.some(
    ({ places, lines }) =>
      (lines[file] ?? []).includes(line) || places.some((place) => isIn(file, place)),
  );
}

function isIn(file: string, place: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place;
}
