import { describe, expect, it } from 'vitest';
import { taskKeyOf } from '@joinery/core';
import { operator, simple, startFlow } from '../../../test/flow.ts';
import { Draft } from '../slices/draft.ts';
import { loopOutput } from './loop-output.ts';

/** What the output of a loop that has come so far is made of, when these members are read. */
function made(cursor: number, names: readonly string[] | null, keepLastN?: number) {
  const inputParameters = keepLastN === undefined ? {} : { keepLastN };
  const more = { loopCondition: 'true', inputParameters, loopOver: [simple('a')] };
  const { model, plan } = startFlow([operator('DO_WHILE', 'l', more)]);
  const slice = model.minimalSlice();
  const draft = new Draft({ slice: { ...slice, data: model.data }, plan, seed: 1 });
  const row = model.rows.get(taskKeyOf('l'));
  if (row === undefined) throw new Error('there is no loop');
  const keys: string[] = [];
  const output = loopOutput(draft, { row: { ...row, cursor }, names }, (asked) => {
    keys.push(...asked);
    return new Map();
  });
  return { members: Object.keys(output), keys };
}

describe('the output of a loop', () => {
  it('asks for the iterations that are read, each once, however many there have been', () => {
    // A list of so many cannot be made.
    const cursor = 5_000_000_000;
    expect(made(cursor, ['iteration'])).toEqual({ members: ['iteration'], keys: [] });
    const { keys } = made(cursor, ['7', '3', '7', '03', 'x', '0', '5000000001']);
    expect(keys.toSorted()).toEqual(['a__3', 'a__7']);
    expect(made(cursor, null, 2).keys).toEqual(['a__4999999999', 'a__5000000000']);
  });

  it('shows no iteration but those that are kept', () => {
    expect(made(5, ['3', '4'], 2).keys).toEqual(['a__4']);
    expect(made(5, null, 9).keys).toEqual(['a__1', 'a__2', 'a__3', 'a__4', 'a__5']);
    expect(made(0, null).members).toEqual(['iteration']);
  });
});
