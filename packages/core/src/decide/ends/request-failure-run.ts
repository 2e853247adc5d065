import { childRunIdOf, taskKeyOf } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { Closing } from '../../run/run-state.ts';
import type { Draft } from '../slices/draft.ts';
import { renderWith } from '../slices/scope.ts';
import { OUTSIDE } from '../slices/seen-key.ts';

/*
 * The failure workflow of a run is asked for by a letter of the very commit that ends the run: a crash after it loses
 * nothing, and the id follows from the run and its decision, so that the letter may be delivered any number of times.
 */

/** Where the output of a failed run names the run of its failure workflow (Conductor 3.30). */
export const FAILURE_RUN_OUTPUT = 'conductor.failure_workflow';

/** No reference may hold an `@`. */
const LETTER_KEY = taskKeyOf('@failure');

/**
 * Ask for the run of the failure workflow, when the run ends in another way than COMPLETED and nobody has wanted that.
 * A name that yields nothing is told in the output, where Conductor tells it.
 */
export function requestFailureRun(draft: Draft, closing: Closing): void {
  const { status, isWanted } = closing;
  const { failureWorkflow = '', failureWorkflowVersion = null } = draft.plan.definition;
  if (failureWorkflow === '' || status === 'COMPLETED' || isWanted === true) return;
  const name = nameOf(draft, failureWorkflow);
  if (name === null) {
    noteInOutput(draft, `failureWorkflow ${failureWorkflow} names no workflow`);
    return;
  }
  const attempt = draft.slice.run.decision + 1;
  const place = { key: LETTER_KEY, attempt };
  const to = childRunIdOf(draft.run.id, place, (unique) => draft.partitionFor(unique));
  const version = failureWorkflowVersion;
  draft.send({
    type: 'start-failure-run',
    to,
    ...place,
    name,
    version,
    task: closing.task ?? null,
  });
  noteInOutput(draft, to);
}

/** A name, `$workflow.input.<member>` as Conductor has it, or any expression in braces. */
function nameOf(draft: Draft, written: string): string | null {
  const input = /^\$workflow\.input\.(.+)$/.exec(written)?.[1];
  const template = input === undefined ? written : `\${workflow.input.${input}}`;
  const rendered = renderWith(draft, template, OUTSIDE);
  const name = rendered.ok ? rendered.value : null;
  return typeof name === 'string' && name !== '' ? name : null;
}

function noteInOutput(draft: Draft, text: string): void {
  draft.putData('run:output', {
    ...asObject(draft.data('run:output')),
    [FAILURE_RUN_OUTPUT]: text,
  });
}

function asObject(output: Json): JsonObject {
  return isJsonObject(output) ? output : {};
}
