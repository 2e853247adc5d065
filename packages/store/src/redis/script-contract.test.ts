import { readdirSync, readFileSync } from 'node:fs';
import { runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { createKeyBuilder } from '../key-builder.ts';
import { withFragments } from '../script.ts';
import { STATE_FIELDS } from './record-codec.ts';

const luaRoot = new URL('../../lua/', import.meta.url);
const sourceRoot = new URL('../', import.meta.url);
const read = (path: string, root = luaRoot): string => readFileSync(new URL(path, root), 'utf8');
const scripts = readdirSync(luaRoot).filter((name) => name.endsWith('.lua'));
const fragments = readdirSync(new URL('lib/', luaRoot));
const wrappers = readdirSync(sourceRoot, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => read(name, sourceRoot));

/** Positions of KEYS or ARGV that a text names; `[1..6]` names six, `[7..]` all from 7 on. */
function positions(text: string, list: 'KEYS' | 'ARGV'): { known: Set<number>; openFrom: number } {
  const known = new Set<number>();
  let openFrom = Number.POSITIVE_INFINITY;
  for (const [, from = '0', dots, to] of text.matchAll(
    new RegExp(`${list}\\[(\\d*)(\\.\\.)?(\\d*)\\]`, 'g'),
  )) {
    if (dots !== undefined && to === '') openFrom = Math.min(openFrom, Number(from));
    for (let i = Number(from); i <= Number(to || from); i += 1) known.add(i);
  }
  return { known, openFrom };
}

describe.each(scripts)('%s', (file) => {
  const text = read(file);
  const end = text.indexOf(']]');
  const header = text.slice(0, end);
  const body = text.slice(end);

  it('opens with purpose, keys, arguments, replies, retry and cost', () => {
    expect(text.startsWith('--[[\n')).toBe(true);
    for (const word of ['KEYS[', 'ARGV[', '\nReplies:', '\nRetry:', '\nComplexity:']) {
      expect(header).toContain(word);
    }
  });
  it('documents every key and argument that it binds', () => {
    for (const list of ['KEYS', 'ARGV'] as const) {
      const documented = positions(header, list);
      const used = [...positions(body, list).known];
      const missing = used.filter((i) => !documented.known.has(i) && i < documented.openFrom);
      expect({ list, missing }).toEqual({ list, missing: [] });
    }
  });
  it('is at most 80 lines long', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  });
  it('includes only fragments that are there', () => {
    expect(withFragments(text, (name) => read(`lib/${name}.lua`))).not.toContain('-- @include');
  });
  it('reads the clock of the server or the test, draws no random number, and names no key of its own', () => {
    const whole = withFragments(text, (name) => read(`lib/${name}.lua`));
    expect(whole).not.toMatch(/math\.random|os\.time|os\.clock|redis\.call\('KEYS'/);
    expect(whole).not.toMatch(/:tasks'|:run'|:attention'/);
  });
  it('has exactly one wrapper', () => {
    const name = file.replace('.lua', '');
    expect(wrappers.filter((source) => source.includes(`name: '${name}'`)).length).toBe(1);
  });
});

/** Names in a Lua list. */
function listIn(text: string, list: string): string[] {
  const found = new RegExp(`${list} = \\{([^}]*)\\}`).exec(text)?.[1] ?? '';
  return [...found.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
}

describe('fragments', () => {
  it.each(fragments)('%s is used', (file) => {
    const line = `-- @include ${file.replace('.lua', '')}`;
    const all = [
      ...scripts.map((name) => read(name)),
      ...fragments.map((name) => read(`lib/${name}`)),
    ];
    expect(all.some((text) => text.includes(line))).toBe(true);
  });
  it('keep the state of a record in the order in which the wrapper reads it', () => {
    expect(listIn(read('lib/record.lua'), 'STATE_FIELDS')).toEqual(STATE_FIELDS);
  });
  it('bind the keys in the order of the key builder', () => {
    const text = read('lib/run-keys.lua');
    const namesOf = (list: string): string[] => listIn(text, list);
    const keys = createKeyBuilder('jn', 16);
    const runId = runIdOf(3, 'abcdefgh');
    const { run, partition } = { run: keys.run(runId), partition: keys.partition(3) };
    const byName: Readonly<Record<string, string>> = { ...partition, ...run };
    const bound = [...namesOf('PARTITION_KEYS'), ...namesOf('RUN_KEYS')].map(
      (name) => byName[name],
    );
    expect(keys.runScriptKeys(runId)).toEqual(bound);
    expect(keys.partitionScriptKeys(3)).toEqual(bound.slice(0, namesOf('PARTITION_KEYS').length));
  });
});
