import type { FieldFact } from './field-fact.ts';
import { CHILD_FIELDS, TASK_FIELDS } from './task-fields.ts';
import { TASK_DEF_FIELDS } from './task-def-fields.ts';
import { WORKFLOW_FIELDS } from './workflow-fields.ts';

/** The members of one part of a definition. */
export type FieldTable = Readonly<Record<string, FieldFact>>;

/** Every part of a definition, by its heading on the page. */
export const FIELD_TABLES: Readonly<Record<string, FieldTable>> = {
  'A workflow definition': WORKFLOW_FIELDS,
  'A task of a workflow': TASK_FIELDS,
  subWorkflowParam: CHILD_FIELDS,
  'A task definition': TASK_DEF_FIELDS,
};

const HEAD = `# Members of definitions

Generated from \`@joinery/core\`; do not edit. What every member of Conductor's definitions does here. **carried out**: the
engine heeds it. **for people**: kept and shown, and nothing else, as in Conductor. **refused**: a definition that uses it is
refused with \`JN_DEF_UNSUPPORTED\`. **without effect**: accepted, because definitions that exist carry it, and ignored.
Members that are not in these tables are ignored, as Conductor ignores them. (+) is not in Conductor.
`;

/** The reference page of all members of definitions, as Markdown. */
export function renderFieldPage(): string {
  return HEAD + Object.entries(FIELD_TABLES).map(section).join('');
}

function section([heading, fields]: readonly [string, FieldTable]): string {
  const rows = Object.entries(fields).map(
    ([name, { effect, says, isOurs }]) =>
      `| \`${name}\`${isOurs === true ? ' (+)' : ''} | ${effect} | ${says} |\n`,
  );
  return `\n## ${heading}\n\n| member | is | |\n|---|---|---|\n${rows.join('')}`;
}
