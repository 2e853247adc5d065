import { describe, expect, it } from 'vitest';
import type { Json } from '../run/json.ts';
import { measureJson } from './measure-json.ts';
import { parseTemplate, templateReads } from './template.ts';

describe('the reads of a template', () => {
  it('are the root and the plain member names of every expression, once each', () => {
    const template = {
      a: '${t.output.x[0].y} and ${t.output.x}',
      b: ['${workflow.input.n}', { c: '${u..id}', d: '$${not.read}' }],
      e: "${t.output['quoted'].z}",
      f: '${v}',
    };
    expect(templateReads(template)).toEqual([
      { root: 't', path: ['output', 'x'] },
      { root: 'workflow', path: ['input', 'n'] },
      { root: 'u', path: [] },
      { root: 't', path: ['output', 'quoted', 'z'] },
      { root: 'v', path: [] },
    ]);
  });

  it('of a nested expression are what is known of the outer path, and the inner one', () => {
    expect(templateReads('${t.output.p${workflow.input.key}.q}')).toEqual([
      { root: 't', path: ['output'] },
      { root: 'workflow', path: ['input', 'key'] },
    ]);
  });

  it('name each root once', () => {
    const parsed = parseTemplate(['${t.a}', '${t.b}', '${workflow.input}']);
    expect(parsed.ok && parsed.template.roots).toEqual(['t', 'workflow']);
  });
});

describe('a template is refused', () => {
  it.each([
    ['${t.output', 'closing brace'],
    ['${[0]}', 'does not begin with a name'],
    ['${t.output.list[?(@.x =~ /a+/)]}', ''],
    ["${t.output.list[?match(@.x, '(a+)+')]}", 'match'],
    ['${t.list[0:4:2]}', 'step'],
    ['${t.list[*,*]}', 'combines selectors'],
    ['${t.list[?(@.x == $.y)]}', 'fixed place'],
    ['${t.list[?(@..x)]}', 'fixed place'],
    ['${t.list.min()}', 'cannot be read'],
    ['${t.a.}', 'cannot be read'],
  ])('when it holds %s', (template, problem) => {
    const parsed = parseTemplate({ deep: [template] });
    expect(parsed).toMatchObject({ ok: false, place: '.deep[0]' });
    expect(parsed.ok ? '' : parsed.problem).toContain(problem);
  });

  it.each<[string, string]>([
    ['many opened expressions', '${'.repeat(500_000)],
    ['many opened brackets', '${a'.concat('['.repeat(1_000_000))],
    ['many opened quotes', "${a['".repeat(200_000)],
    ['many dots', `\${${'a.'.repeat(500_000)}}`],
    ['a long path', `\${${'a'.repeat(1_000_000)}}`],
    ['a long filter', `\${t[?(${'('.repeat(1_900)}]}`],
  ])('in no time when it is hostile: %s', (_, template) => {
    const parsed = parseTemplate(template);
    expect(parsed.ok).toBe(false);
    // A message that repeats a megabyte would be an attack of its own.
    expect(JSON.stringify(parsed).length).toBeLessThan(5_000);
  });

  it('when it nests deeper than a payload may', () => {
    let nested: Json = '${t.x}';
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
    expect(parseTemplate(nested)).toMatchObject({ ok: false, problem: 'is too-deep' });
  });

  it('not when it only has many expressions', () => {
    const parsed = parseTemplate('${a.b} '.repeat(100_000));
    expect(parsed.ok && parsed.template.reads).toEqual([{ root: 'a', path: ['b'] }]);
  });
});

describe('measuring JSON', () => {
  const bounds = { maxSize: 1000, maxDepth: 5 };

  it('counts at least what the text has without escapes', () => {
    const value = { a: [1, 'x', null, true], b: { c: 1.5 } };
    const measured = measureJson(value, bounds);
    expect(measured.ok && measured.size).toBeGreaterThanOrEqual(JSON.stringify(value).length);
  });

  it.each<[string, unknown]>([
    ['too-large', 'x'.repeat(1001)],
    ['too-large', Array.from({ length: 1001 }, () => 1)],
    ['too-deep', [[[[[[]]]]]]],
    ['not-json', undefined],
    ['not-json', { a: () => 1 }],
    ['not-json', [Number.NaN]],
    ['not-json', new Map()],
    // oxlint-disable-next-line no-sparse-arrays
    ['not-json', [1, , 2]],
    ['not-json', 1n],
  ])('answers %s', (problem, value) => {
    expect(measureJson(value, bounds)).toEqual({ ok: false, problem });
  });

  it('ends on a cycle', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle, cycle);
    expect(measureJson(cycle, bounds)).toMatchObject({ ok: false });
  });
});
