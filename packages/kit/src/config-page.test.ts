import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { renderConfigPage } from './config-page.ts';
import { settings } from './config.ts';

const page = new URL('../../../docs/reference/config.md', import.meta.url);

describe('the reference page of the configuration', () => {
  it('is what the schema says', () => {
    if (env['UPDATE_DOCS'] === '1') {
      mkdirSync(new URL('.', page), { recursive: true });
      writeFileSync(page, renderConfigPage());
    }
    expect(readFileSync(page, 'utf8')).toBe(renderConfigPage());
  });

  it('has one complete row for each setting', () => {
    for (const { variable, doc } of settings) {
      const rows = renderConfigPage()
        .split('\n')
        .filter((line) => line.startsWith(`| \`${variable}\` |`));
      expect(rows).toHaveLength(1);
      expect(rows[0]?.split(' | ')).toHaveLength(5);
      expect(doc.description).toMatch(/^[A-Z`].*\.$/);
    }
  });
});
