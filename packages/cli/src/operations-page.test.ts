import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXAMPLES } from './help-texts.ts';

const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

it('the page on operations shows commands that are run by the test of the help', () => {
  const examples = Object.values(EXAMPLES).flat();
  const lines = new Set(examples.map(({ line }) => line));
  const shown = [...page.matchAll(/`(joinery [^`]+)`/g)].map(([, line]) => line);
  expect(shown.length).toBeGreaterThanOrEqual(10);
  expect(shown.filter((line) => !lines.has(line ?? ''))).toEqual([]);
});
