import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PAGE, SCALE_PAGE, withSection } from './write-docs.ts';

const page = '# Page\n\n<!-- figures:results -->\nold\n<!-- /figures:results -->\n\nEnd.\n';

it('puts figures between their marks and leaves the rest of the page as it was', () => {
  const text = withSection(page, 'results', '| new |\n');
  expect(text).toBe(
    '# Page\n\n<!-- figures:results -->\n\n| new |\n\n<!-- /figures:results -->\n\nEnd.\n',
  );
  expect(withSection(text, 'results', '| new |\n')).toBe(text);
});

it('refuses a page without the marks instead of losing figures', () => {
  expect(() => withSection(page, 'other', '')).toThrow('figures:other');
});

it.each([
  [PAGE, ['targets', 'results', 'starts', 'loops', 'idle-runs', 'peers', 'scripts']],
  [SCALE_PAGE, ['scale', 'cluster']],
])('finds in %s a place for each table that the command makes', (file, names) => {
  const text = readFileSync(file, 'utf8');
  for (const name of names) expect(withSection(text, name, 'new')).toContain('\nnew\n');
});
