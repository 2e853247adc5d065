import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileConditions } from '../../test/expressions/hostile-conditions.ts';
import type { JsonObject } from '../run/json.ts';
import { operandsOf, templateReadsOf } from './condition.ts';
import { evaluateCondition, type Operand, type Verdict } from './evaluate-condition.ts';
import { parseCondition } from './parse-condition.ts';

const DATA: JsonObject = {
  n: 3,
  text: 'ab',
  five: '5',
  yes: true,
  nothing: null,
  list: [1, { x: 2 }],
  deep: { 'a b': { c: 7 } },
};

function verdictOf(text: string): Verdict {
  const parsed = parseCondition(text);
  if (!parsed.ok) return { ok: false, problem: `refused: ${parsed.problem}` };
  return evaluateCondition(parsed.condition, (operand): Operand => {
    if (operand.kind === 'template') return operand.source === '${t.output.n}' ? 4 : null;
    return Object.hasOwn(DATA, operand.root) ? DATA[operand.root] : undefined;
  });
}

describe('a condition', () => {
  it.each([
    'true',
    '1',
    '$.n < 4',
    '$.n <= 3 && $.n >= 3 && $.n > 2 && !($.n != 3)',
    "$['n'] === 3",
    '$.n == "3"',
    '$.five == 5 && $.five !== 5',
    "$.text == 'ab' && $.text < 'b' && 'a' <= 'a' && 'b' > 'a' && 'b' >= 'b'",
    "$.text + 'c' === 'abc' && $.n + 'x' == '3x'",
    '$.text.length === 2 && $.list.length == 2',
    '$.list[1].x * 2 === 4 && $.list[0] === 1',
    "$.deep['a b'].c % 4 - 3 === 0",
    '1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3.5',
    '-$.n < 0 && +"4" === 4 && - -1 === 1',
    '$.yes',
    '!!$.list',
    '$.missing === undefined && $.missing == null && $.nothing === null && $.nothing != 0',
    '$.n > 5 || $.yes',
    '$.n > 5 ? false : $.n > 2 ? true : false',
    'if ($.n < 4) { true; } else { false; }',
    'if ($.n > 4) { false } else if ($.n > 2) { return true; } else false;',
    'if ($.n < 4) true; else false',
    '${t.output.n} > $.n',
    "'\\'' === \"'\"",
    '$.list.constructor === undefined',
  ])('%s holds', (text) => {
    expect(verdictOf(text)).toEqual({ ok: true, holds: true });
  });

  it.each([
    'false',
    '0',
    '-1',
    "'true'",
    '$.n < 3',
    '$.missing < 3',
    'null',
    '$.list',
    '$.list == $.list',
    'if ($.n > 4) { true; }',
    '$.nothing && $.nothing.x',
  ])('%s does not hold', (text) => {
    expect(verdictOf(text)).toEqual({ ok: true, holds: false });
  });

  it.each<[string, string]>([
    ['$.missing.x', "cannot read 'x' of undefined"],
    ['$.nothing[0]', "cannot read '0' of null"],
    ['$.list + 1', 'cannot calculate'],
    ['$.list < 1', 'cannot calculate'],
    ["$.list + 'x'", 'cannot add'],
  ])('%s has no value', (text, problem) => {
    expect(verdictOf(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  it.each<[string, string]>([
    ['', 'ends too early'],
    ['$', 'reads all of $'],
    ['$[0] > 1', 'reads all of $'],
    ['$.n <', 'ends too early'],
    ['$.n < 3 4', 'cannot be read from 4'],
    ['$.n = 3', 'cannot be read from ='],
    ['f($.n)', 'cannot be read from f'],
    ['$.list.map(1)', 'cannot be read from ('],
    ['$[$.n] == 1', 'cannot be read from $'],
    ['while (true) {}', 'cannot be read from while'],
    ['process.exit()', 'cannot be read from process'],
    ['${t.output[} > 1', 'cannot be read at ${t.output[}'],
    ['`a`', 'cannot be read from `a`'],
    ['('.repeat(100), 'nests deeper than 64'],
    ['!'.repeat(100) + '1', 'nests deeper than 64'],
    ['1'.repeat(4_001), 'is longer than 4000'],
  ])('%s is refused', (text, problem) => {
    expect(verdictOf(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('names what it reads', () => {
    const parsed = parseCondition("if (${a.output.x} > $.l['iteration']) { $.b.c } else { 1 }");
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(operandsOf(parsed.condition).map(({ kind }) => kind)).toEqual([
      'template',
      'path',
      'path',
      'literal',
    ]);
    expect(templateReadsOf(parsed.condition)).toEqual([{ root: 'a', path: ['output', 'x'] }]);
  });

  it('is read or refused, and evaluated, whatever the text is', () => {
    const piece = fc.constantFrom(
      '$',
      '.n',
      "['x']",
      '(',
      ')',
      '<',
      '===',
      '&&',
      '!',
      '1',
      "'a'",
      ' ',
      'if',
      '?',
      ':',
      '{',
      '}',
      '${t.output}',
      'true',
      '-',
      '+',
      ';',
      'else',
      '[0]',
      '\\',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        expect(verdictOf(pieces.join(''))).toHaveProperty('ok');
      }),
      { numRuns: 2_000 },
    );
  });

  it('compares plain values as JavaScript does', () => {
    const plain = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('', 'a', '7', ' 7', null));
    const sign = fc.constantFrom('==', '!=', '===', '!==', '<', '<=', '>', '>=');
    fc.assert(
      fc.property(plain, sign, plain, (left, by, right) => {
        const text = `${JSON.stringify(left)} ${by} ${JSON.stringify(right)}`;
        expect(verdictOf(text)).toEqual({ ok: true, holds: runInNewContext(text) });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a hostile condition', () => {
  it('is one of 60 and more', () => {
    expect(Object.keys(hostileConditions).length).toBeGreaterThanOrEqual(60);
  });

  it.each(Object.entries(hostileConditions))('%s', (text, expected) => {
    const before = JSON.stringify(DATA);
    const verdict = verdictOf(text);
    const isRefused = !verdict.ok && verdict.problem.startsWith('refused: ');
    const failed = isRefused ? 'refused' : 'fails';
    expect(verdict.ok ? verdict.holds : failed).toBe(expected);
    expect(JSON.stringify(DATA)).toBe(before);
  });

  it.each([
    ['many brackets', '('.repeat(1_900) + '1' + ')'.repeat(1_900)],
    ['many negations', `${'!'.repeat(3_900)}1`],
    ['many branches', `${'if (1) {} else '.repeat(260)}1`],
    ['many choices', `${'1?'.repeat(900)}1${':1'.repeat(900)}`],
    ['many members', `$${'.a'.repeat(1_990)} === undefined`],
    ['a text that ends nowhere', `'${'x'.repeat(3_900)}`],
    ['many backslashes', `"${'\\'.repeat(3_900)}`],
    ['a long sum', Array.from({ length: 1_500 }, () => '1').join('+')],
    ['more than anybody writes', '1 '.repeat(100_000)],
  ])(
    'of %s is read, or refused, at once',
    (_, text) => {
      expect(typeof verdictOf(text).ok).toBe('boolean');
    },
    // Ten times what the slowest takes on a busy machine; a hang takes for ever.
    1_000,
  );
});
