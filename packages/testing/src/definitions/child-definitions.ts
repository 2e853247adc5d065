import { type JsonObject, parseWorkflowDef, type WorkflowDef } from '@joinery/core';

/** What generated SUB_WORKFLOW and START_WORKFLOW tasks name: a child with a child of its own. */
export const CHILD_DEFINITIONS: readonly JsonObject[] = [
  {
    name: 'child',
    version: 1,
    schemaVersion: 2,
    tasks: [
      step('c1', { retryCount: 1, retryDelaySeconds: 1 }),
      {
        name: 'c2',
        taskReferenceName: 'c2',
        type: 'SUB_WORKFLOW',
        subWorkflowParam: { name: 'grandchild' },
      },
    ],
  },
  { name: 'grandchild', version: 1, schemaVersion: 2, tasks: [step('g1', { retryCount: 0 })] },
];

function step(name: string, { retryCount, retryDelaySeconds = 0 }: Retries): JsonObject {
  const taskDefinition = { name, retryDelaySeconds, responseTimeoutSeconds: 0 };
  return { name, taskReferenceName: name, type: 'SIMPLE', retryCount, taskDefinition };
}

interface Retries {
  readonly retryCount: number;
  readonly retryDelaySeconds?: number;
}

/** The same, parsed, by name. */
export const parsedChildren: ReadonlyMap<string, WorkflowDef> = new Map(
  CHILD_DEFINITIONS.map((definition) => {
    const parsed = parseWorkflowDef(definition);
    return [parsed.name, parsed] as const;
  }),
);
