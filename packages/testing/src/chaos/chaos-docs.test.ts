import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NOT_JUDGED, RULES } from '../history/rules.ts';
import { SCENARIOS } from './all-scenarios.ts';
import { renderChaosPages, writeChaosPages } from './chaos-docs.ts';
import { NOT_PLAYED } from './not-played.ts';

const testing = fileURLToPath(new URL('../..', import.meta.url));
const docs = join(testing, '../../docs/chaos');

test('the pages are what scenarios and recorded results say', () => {
  if (env['UPDATE_DOCS'] === '1') writeChaosPages();
  for (const [file, text] of renderChaosPages()) {
    expect({ file: basename(file), text: readFileSync(file, 'utf8') }).toEqual({
      file: basename(file),
      text,
    });
  }
});

/** The catalogue of faults and of invariants, as far as it is this product's. */
const CATALOGUE: Readonly<Record<string, number>> = { C: 11, R: 12, N: 6, K: 7, T: 5, L: 7, D: 7 };

test('every id of the catalogue is played, or it is said why not, and never both', () => {
  const ids = Object.entries(CATALOGUE).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  const told = [...SCENARIOS.map(({ id }) => id), ...Object.keys(NOT_PLAYED)];
  expect(told.toSorted()).toEqual(ids.toSorted());
});

test('every invariant is judged, or it is said why not, and never both', () => {
  const ids = Array.from({ length: 32 }, (_, index) => `H${index + 1}`);
  const told = [...Object.keys(RULES), ...Object.keys(NOT_JUDGED)];
  expect(told.toSorted()).toEqual(ids.toSorted());
});

test('the index lists every id that code, tests and pages name', () => {
  const index = readFileSync(join(docs, 'README.md'), 'utf8');
  const listed = new Set(index.match(/(?<=^\| \[?)[A-Z]\d{1,2}(?=\]| \|)/gmu) ?? []);
  const code = ['src', 'test'].flatMap((folder) => textsIn(join(testing, folder), '.ts'));
  const invariants = code.flatMap((text) => text.match(/\bH\d{1,2}\b/gu) ?? []);
  // In prose they stand in brackets or before a colon; other letters with numbers are no ids.
  const scenarios = code.flatMap(
    (text) => text.match(/(?<=['(])[CRNKTLD]\d{1,2}(?=['):])/gu) ?? [],
  );
  const linked = textsIn(join(docs, '..'), '.md').flatMap(
    (text) => text.match(/(?<=\[)[CRNKTLD]\d{1,2}(?=\]\([^)]*\.md\))/gu) ?? [],
  );
  expect(invariants.length).toBeGreaterThan(100);
  expect(scenarios.length).toBeGreaterThan(SCENARIOS.length);
  expect(linked.length).toBeGreaterThan(SCENARIOS.length);
  const named = new Set<string>([...invariants, ...scenarios, ...linked]);
  expect([...named].filter((id) => !listed.has(id))).toEqual([]);
});

function textsIn(folder: string, suffix: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(suffix))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

test('every invariant that some judge accuses by is in the table, and every judged one has an accuser', () => {
  const sources = ['src/history', 'src/soak'].flatMap((folder) =>
    readdirSync(join(testing, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter((name) => basename(name) !== 'rules.ts')
      .map((name) => readFileSync(join(testing, folder, name), 'utf8')),
  );
  const named = new Set(sources.flatMap((text) => text.match(/\bH\d{1,2}\b/gu) ?? []));
  const accused = new Set(sources.flatMap((text) => text.match(/(?<=')H\d{1,2}(?=')/gu) ?? []));
  expect([...named].filter((id) => !(id in RULES))).toEqual([]);
  expect([...accused].toSorted()).toEqual(Object.keys(RULES).toSorted());
});
