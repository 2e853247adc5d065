import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expectKilled, mutantCases } from './mutants/kill-mutants.ts';

const scripts = readdirSync(new URL('../lua/', import.meta.url)).flatMap((file) => {
  const [, name] = /^(.*)\.lua$/.exec(file) ?? [];
  return name === undefined ? [] : [name];
});

it.each(scripts)('%s has at least five mutants', (script) => {
  const own = mutantCases.filter((mutant) => mutant.script === script);
  expect(own.length).toBeGreaterThanOrEqual(5);
});

expectKilled(mutantCases);
