import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { membersOf } from '../conductor-object.ts';
import { type Level, refusedMembers } from '../supported.ts';
import { taskDefSchema } from '../task-def.ts';
import { workflowDefSchema } from '../workflow-def.ts';
import { subWorkflowParamsSchema, workflowTaskSchema } from '../workflow-task.ts';
import { FIELD_TABLES, type FieldTable, renderFieldPage } from './field-page.ts';
import { CHILD_FIELDS, TASK_FIELDS } from './task-fields.ts';
import { TASK_DEF_FIELDS } from './task-def-fields.ts';
import { WORKFLOW_FIELDS } from './workflow-fields.ts';

const page = new URL('../../../../../docs/reference/definitions.md', import.meta.url);

const SCHEMAS = [
  ['workflow', workflowDefSchema, WORKFLOW_FIELDS],
  ['task', workflowTaskSchema, TASK_FIELDS],
  ['subWorkflowParam', subWorkflowParamsSchema, CHILD_FIELDS],
  ['taskDef', taskDefSchema, TASK_DEF_FIELDS],
] as const;

describe('the table of members', () => {
  it('is what the reference page says', () => {
    const rendered = renderFieldPage();
    if (env['UPDATE_DOCS'] === '1') writeFileSync(page, rendered);
    expect(readFileSync(page, 'utf8')).toBe(rendered);
  });

  it.each(SCHEMAS)('has every member of the schema of %s, and no other', (_, schema, fields) => {
    expect(membersOf(schema).length).toBeGreaterThan(6);
    expect(Object.keys(fields).toSorted()).toEqual([...membersOf(schema)].toSorted());
  });

  it.each([
    ['workflow', WORKFLOW_FIELDS],
    ['task', TASK_FIELDS],
    ['taskDef', TASK_DEF_FIELDS],
  ] as const satisfies readonly (readonly [Level, FieldTable])[])(
    'calls refused what a definition of a %s is refused for',
    (level, fields) => {
      // An EVENT may have it.
      const known = refusedMembers(level).filter((member) => member !== 'asyncComplete');
      expect(namesOf(fields, 'refused')).toEqual([...known].toSorted());
    },
  );

  it('calls carried out only what somebody reads', () => {
    const names = Object.values(FIELD_TABLES).flatMap((fields) => namesOf(fields, 'carried out'));
    const text = readingSources();
    expect(names.filter((name) => !new RegExp(String.raw`\b${name}\b`).test(text))).toEqual([]);
  });
});

function namesOf(fields: FieldTable, effect: string): readonly string[] {
  return Object.entries(fields)
    .flatMap(([name, fact]) => (fact.effect === effect ? [name] : []))
    .toSorted();
}

/** All of core but what only declares, describes or checks the members. */
function readingSources(): string {
  const files = ['plan', 'decide', 'expressions'].flatMap((room) => {
    const root = new URL(`../../${room}/`, import.meta.url);
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const code = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    return code.map((name) => readFileSync(new URL(name, root), 'utf8'));
  });
  expect(files.length).toBeGreaterThan(80);
  return files.join('\n');
}
