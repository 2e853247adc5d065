import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';
import { evaluateTemplate, renderTemplate, type Rendered, type RootLookup } from './evaluate.ts';
import { parseTemplate } from './template.ts';

const documents: JsonObject = {
  workflow: { input: { key: 'b', n: 3, list: [1, 2, 3], text: 'a.b' }, workflowId: 'r1' },
  t: {
    output: {
      a: { b: 'deep' },
      'odd key': 1,
      'x-y': 'hyphen',
      none: null,
      flag: true,
      list: [
        { id: 'one', x: 1, tags: ['p', 'q'] },
        { id: 'two', x: 2, tags: [] },
      ],
      template: '${workflow.input.n}',
    },
  },
};

function lookupIn(data: JsonObject): RootLookup {
  return (root, segments) => {
    let here: Json | undefined = Object.hasOwn(data, root) ? data[root] : undefined;
    for (const name of segments) {
      here = isJsonObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
    }
    return here === undefined ? { found: false } : { found: true, value: here };
  };
}

function fromText(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

const evaluate = (template: Json, data = documents): Rendered =>
  evaluateTemplate(template, lookupIn(data));

function valueOf(template: Json): Json {
  const rendered = evaluate(template);
  return rendered.ok ? rendered.value : `error: ${rendered.error.code}: ${rendered.error.message}`;
}

describe('a string that is one expression', () => {
  it.each<[string, Json]>([
    ['${workflow.input.n}', 3],
    ['${t.output.flag}', true],
    ['${t.output.none}', null],
    ['${t.output.a}', { b: 'deep' }],
    ['${ t.output.a.b }', 'deep'],
    ["${t.output['odd key']}", 1],
    ['${t.output["odd key"]}', 1],
    ['${t.output.odd key}', 1],
    ['${t.output.x-y}', 'hyphen'],
    ['${t.output.list[0].id}', 'one'],
    ['${t.output.list[-1].id}', 'two'],
    ['${workflow.workflowId}', 'r1'],
  ])('%s keeps the type of what it names', (template, value) => {
    expect(valueOf(template)).toEqual(value);
  });

  it.each(['${t.output.nope.x}', '${nobody.output}', '${t.output.list[9].id}', '${t.output.a[0]}'])(
    '%s names nothing and is null',
    (template) => {
      expect(valueOf(template)).toBeNull();
    },
  );

  it.each<[string, Json]>([
    ['${t.output.list[*].id}', ['one', 'two']],
    ['${t.output.list.*.id}', ['one', 'two']],
    ['${t.output.list[?(@.x>1)].id}', ['two']],
    ["${t.output.list[?(@.id == 'one' && @.x < 2)].x}", [1]],
    ["${t.output.list[?(@.id == '}')].x}", []],
    ['${t.output.list[0:1].id}', ['one']],
    ['${t..id}', ['one', 'two']],
    ['${t.output..tags[*]}', ['p', 'q']],
    ['${t.output.list[*].nope}', []],
  ])('%s is a list of all that it matches', (template, value) => {
    expect(valueOf(template)).toEqual(value);
  });

  it.each<[string, Json]>([
    ['${t.output.list.length()}', 2],
    ['${t.output.list[*].tags.length()}', [2, 0]],
    ['${t.output.a.size()}', 1],
    ['${t.output.flag.length()}', null],
  ])('%s counts', (template, value) => {
    expect(valueOf(template)).toEqual(value);
  });
});

describe('a longer text', () => {
  it.each<[string, Json]>([
    ['n=${workflow.input.n}, id=${t.output.a.b}', 'n=3, id=deep'],
    ['<${t.output.none}|${t.output.nope}>', '<null|null>'],
    ['a:${t.output.a} l:${workflow.input.list}', 'a:{"b":"deep"} l:[1,2,3]'],
    ['$${t.output.a}', '${t.output.a}'],
    ['x $${a} ${workflow.input.n}', 'x ${a} 3'],
    ['${}', ''],
    ['[${  }]', '[]'],
    ['costs 5$ {really}', 'costs 5$ {really}'],
  ])('%s becomes %s', (template, value) => {
    expect(valueOf(template)).toEqual(value);
  });
});

describe('a nested expression', () => {
  it('makes a part of the path', () => {
    expect(valueOf('${t.output.a.${workflow.input.key}}')).toBe('deep');
    expect(valueOf('${t.output.${workflow.input.text}}')).toBe('deep');
    expect(valueOf("${t.output['a'].${workflow.input.key}}")).toBe('deep');
    expect(valueOf("${t.output.a['${workflow.input.key}']}")).toBe('deep');
  });

  it('cannot choose the root, because reads must be known beforehand', () => {
    expect(evaluate('${${workflow.input.key}.output}')).toMatchObject({
      ok: false,
      error: { code: 'JN_EXPR_SYNTAX', expression: '${${workflow.input.key}.output}' },
    });
  });

  it('that makes no path is an error and not an exception', () => {
    const data = { workflow: { input: { key: "['" } }, t: { output: {} } };
    expect(evaluate('${t.output.x${workflow.input.key}}', data)).toMatchObject({
      ok: false,
      error: { code: 'JN_EXPR_SYNTAX' },
    });
  });
});

describe('rendering', () => {
  it('walks lists and objects and leaves member names and data alone', () => {
    const template = {
      '${t}': ['${workflow.input.n}', { a: 'x', b: '${t.output.template}' }],
      n: 1,
    };
    expect(valueOf(template)).toEqual({ '${t}': [3, { a: 'x', b: '${workflow.input.n}' }], n: 1 });
  });

  it('asks for one member of a root at most, and reports what was not loaded', () => {
    const asked: string[] = [];
    const rendered = evaluateTemplate(['${t}', '${t.output.a.b}', '${t[*]}'], (root, segments) => {
      asked.push([root, ...segments].join('.'));
      return root === 't' && segments.length === 1 ? { missing: true } : { found: false };
    });
    expect(asked).toEqual(['t', 't.output']);
    expect(rendered).toMatchObject({
      ok: false,
      error: { code: 'JN_EXPR_NOT_LOADED', expression: '${t.output.a.b}' },
    });
  });

  it('never sees what an object inherits', () => {
    expect(valueOf('${t.output.__proto__}')).toBeNull();
    expect(valueOf('${t.output.constructor.name}')).toBeNull();
    expect(valueOf('${t.output.list.length}')).toBeNull();
    expect(valueOf("${t..['constructor']}")).toEqual([]);
    expect(valueOf('${__proto__.x}')).toBeNull();
    const own = fromText('{"__proto__":"${workflow.input.n}"}');
    expect(JSON.stringify(valueOf(own))).toBe('{"__proto__":3}');
    expect(Object.hasOwn(Object.prototype, 'n')).toBe(false);
  });

  it('stops an amplification before it fills the memory', () => {
    const data = { t: { output: 'x'.repeat(1_000_000) } };
    const template = Array.from({ length: 1000 }, () => '${t.output}');
    expect(evaluate(template, data)).toMatchObject({ error: { code: 'JN_EXPR_TOO_LARGE' } });
    expect(evaluate(template.join(''), data)).toMatchObject({
      error: { code: 'JN_EXPR_TOO_LARGE' },
    });
  });

  it('throws nothing when the lookup does', () => {
    const rendered = evaluateTemplate('${t.x}', () => {
      throw new Error('no store');
    });
    expect(rendered).toMatchObject({ ok: false, error: { code: 'JN_INVARIANT_BROKEN' } });
  });

  it('is total over any template and any data, and pure', () => {
    const piece = fc.constantFrom(
      ...'${|}|$|{|[|]|\'|"|.|..|*|?|@|(|)|0|-1|:|t|workflow|output|==|__proto__|length()'.split(
        '|',
      ),
      ...' |\\|\0|💥|\ud800|&&|!|,|size()|$$'.split('|'),
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((list) => list.join('')),
      fc.string(),
    );
    const template = fc.oneof(text, fc.dictionary(text, text), fc.array(text));
    fc.assert(
      fc.property(template, fc.json().map(fromText), (source, output) => {
        const data = { t: { output }, workflow: { output } };
        const first = evaluate(source, data);
        expect(evaluate(source, data)).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps text without expressions as it is', () => {
    const plain = fc
      .json()
      .filter((text) => !text.includes('${'))
      .map(fromText);
    fc.assert(
      fc.property(plain, (source) => {
        const parsed = parseTemplate(source);
        expect(parsed.ok && parsed.template.reads).toEqual([]);
        const rendered = parsed.ok && renderTemplate(parsed.template, () => ({ found: false }));
        expect(rendered).toEqual({ ok: true, value: source });
      }),
    );
  });
});
