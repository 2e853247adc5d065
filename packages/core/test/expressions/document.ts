import type { JsonObject } from '../../src/run/json.ts';

/** One template of the table, and what it yields on `tableDocument`. */
export interface ExpressionRow {
  readonly template: string;
  readonly yields: unknown;
}

/** Rows by template, for tables that read like one. */
export function rowsOf(table: Readonly<Record<string, unknown>>): readonly ExpressionRow[] {
  return Object.entries(table).map(([template, yields]) => ({ template, yields }));
}

/** The run on which every expression of the table is evaluated. */
export const tableDocument: JsonObject = {
  workflow: {
    workflowId: 'r1',
    status: 'RUNNING',
    version: 3,
    correlationId: null,
    input: { n: 3, i: 1, key: 'name', id: 'two', text: 'a.b', template: '${workflow.input.n}' },
    variables: { count: 7 },
    env: { REGION: 'eu', LIMITS: { max: 5 } },
  },
  t: {
    taskId: 'r1/t',
    status: 'COMPLETED',
    retryCount: 2,
    input: { q: 'x' },
    output: {
      name: 'deep',
      a: { b: 'inner', c: [] },
      none: null,
      no: false,
      zero: 0,
      blank: '',
      float: 1.5,
      'odd key': 1,
      'x-y': 'hyphen',
      'dotted.key': 'dotted',
      "it's": 'quote',
      ключ: 'utf',
      list: [
        { id: 'one', x: 1, tags: ['p', 'q'], sub: { y: 10 } },
        { id: 'two', x: 2, tags: [], sub: { y: 20 } },
        { id: 'three', x: 3, tags: ['q'], none: null, code: '3' },
      ],
      numbers: [5, 4, 3, 2, 1],
      grid: [
        [1, 2],
        [3, 4],
      ],
      empty: [],
      secret: '${workflow.secrets.KEY}',
    },
  },
  loop__1: { output: { v: 'first' } },
};
