import { isJoineryError, parseWorkflowDef } from '@joinery/core';
import { expect, test } from 'vitest';
import { REFUSED_JOINS } from './refused-joins.ts';

test.each(REFUSED_JOINS.map((each) => [each.what, each] as const))(
  'a join that %s is refused by its code',
  (_what, { code, definition }) => {
    expect(codeOf(() => parseWorkflowDef(definition))).toBe(code);
  },
);

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return isJoineryError(error) ? error.code : 'no code';
  }
}
