import { describe, expect, it } from 'vitest';
import { tableDocument, type ExpressionRow } from '../../test/expressions/document.ts';
import { filters } from '../../test/expressions/filters.ts';
import { hostile } from '../../test/expressions/hostile.ts';
import { lists } from '../../test/expressions/lists.ts';
import { places } from '../../test/expressions/places.ts';
import { texts } from '../../test/expressions/texts.ts';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';
import { evaluateTemplate, type RootLookup } from './evaluate.ts';

const tables: Readonly<Record<string, readonly ExpressionRow[]>> = {
  places,
  lists,
  filters,
  texts,
  hostile,
};

// Ten times what the slowest row takes on a quiet machine; a hang takes for ever.
const HANG_MS = 5_000;

describe('the table of expressions', () => {
  it('has 150 rows and more', () => {
    expect(Object.values(tables).flat().length).toBeGreaterThanOrEqual(150);
  });

  it('has 85 hostile ones and more', () => {
    expect(hostile.length).toBeGreaterThanOrEqual(85);
  });

  describe.each(Object.entries(tables))('%s', (_, rows) => {
    it.each(rows.map(({ template, yields }) => [shown(template), template, yields] as const))(
      '%s',
      (_name, template, yields) => {
        const before = JSON.stringify(tableDocument);
        expect(outcomeOf(template, tableDocument)).toEqual(yields);
        expect(JSON.stringify(tableDocument)).toBe(before);
      },
      HANG_MS,
    );
  });
});

describe('large and deep data', () => {
  const wide = { t: { output: Array.from({ length: 100_000 }, (_, x) => ({ x, in: [x] })) } };

  it('is scanned and filtered in one pass', () => {
    expect(outcomeOf('${t.output[?(@.x == 99999)].in[0]}', wide)).toEqual([99_999]);
    expect(outcomeOf('${t.output..x.length()}', wide)).toHaveLength(100_000);
  });

  it(
    'is not scanned again and again',
    () => {
      const nested = nestedObject(300);
      expect(outcomeOf('${t..a..a..a..a}', { t: nested })).toEqual({ code: 'JN_EXPR_SYNTAX' });
    },
    HANG_MS,
  );

  it('of depth 1,000 is walked without recursion', () => {
    const nested = nestedObject(1_000);
    expect(outcomeOf('${t..end}', { t: nested })).toEqual(['here']);
    expect(outcomeOf('${t.a}', { t: nested })).toEqual({ code: 'JN_EXPR_TOO_LARGE' });
  });
});

function nestedObject(depth: number): JsonObject {
  let nested: JsonObject = { end: 'here' };
  for (let level = 0; level < depth; level += 1) nested = { a: nested };
  return nested;
}

/** The value, or the code of the error. */
function outcomeOf(template: Json, document: JsonObject): unknown {
  const rendered = evaluateTemplate(template, lookupIn(document));
  return rendered.ok ? rendered.value : { code: rendered.error.code };
}

function lookupIn(data: JsonObject): RootLookup {
  return (root, segments) => {
    let here: Json | undefined = Object.hasOwn(data, root) ? data[root] : undefined;
    for (const name of segments) {
      here = isJsonObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
    }
    return here === undefined ? { found: false } : { found: true, value: here };
  };
}

function shown(template: string): string {
  return template.length > 80 ? `${template.slice(0, 80)}…` : template;
}
