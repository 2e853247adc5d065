import type { PlanNode } from '../../plan/plan.ts';
import type { EvaluationResult, ScriptLanguage } from '../../run/evaluation.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { TaskStatus } from '../../run/status.ts';
import type { Draft } from '../slices/draft.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import type { Steps } from '../step.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/*
 * Tasks that are a script. The decider does not run it: it asks for its result, and decides on that. The result becomes
 * the task's output in the same transition, so that no replay runs a script again.
 */

/** INLINE: a script with the parameters as `$`; or, by `value-param`, one of the parameters. */
export const inline: Operator = {
  enter(draft, node) {
    return withParameters(draft, node, (parameters) => {
      const { expression = null, evaluatorType = null } = parameters;
      if (typeof expression !== 'string')
        return failSystemTask(draft, node, 'expression is no text');
      const failedStatus = 'FAILED_WITH_TERMINAL_ERROR';
      if (evaluatorType === 'value-param') {
        const value = Object.hasOwn(parameters, expression)
          ? (parameters[expression] ?? null)
          : null;
        return endScript(draft, node, { parameters, result: { ok: true, value }, failedStatus });
      }
      if (!isJavascript(evaluatorType ?? 'javascript')) {
        const shown = JSON.stringify(evaluatorType);
        return failSystemTask(
          draft,
          node,
          `evaluatorType ${shown} is not javascript or value-param`,
        );
      }
      const result = evaluate(draft, node, { script: expression, parameters });
      return endScript(draft, node, { parameters, result, failedStatus });
    });
  },
};

/** LAMBDA (deprecated in Conductor): the body of a function with the parameters as `$`. */
export const lambda: Operator = {
  enter(draft, node) {
    return withParameters(draft, node, (parameters) => {
      const body = parameters['scriptExpression'];
      if (typeof body !== 'string')
        return failSystemTask(draft, node, 'scriptExpression is no text');
      // The line break ends a comment at the end of the body.
      const script = `(function () { ${body}\n})();`;
      const result = evaluate(draft, node, { script, parameters });
      return endScript(draft, node, { parameters, result, failedStatus: 'FAILED' });
    });
  },
};

/** JSON_JQ_TRANSFORM: a jq filter over the parameters. */
export const jqTransform: Operator = {
  enter(draft, node) {
    return withParameters(draft, node, (parameters) => {
      const script = parameters['queryExpression'];
      if (typeof script !== 'string')
        return failSystemTask(draft, node, 'queryExpression is no text');
      const result = evaluate(draft, node, { language: 'jq', script, parameters });
      return endScript(draft, node, { parameters, result, failedStatus: 'FAILED' });
    });
  },
};

/** The evaluators that are JavaScript. */
export function isJavascript(evaluatorType: Json): boolean {
  return evaluatorType === 'javascript' || evaluatorType === 'graaljs';
}

/** The result of a script of this task; asks for it when it is not there. */
export function evaluate(
  draft: Draft,
  node: PlanNode,
  asked: {
    readonly language?: ScriptLanguage;
    readonly script: string;
    readonly parameters: JsonObject;
  },
): EvaluationResult {
  const { language = 'javascript', script, parameters } = asked;
  return draft.evaluation({ id: node.key, language, script, input: parameters });
}

function withParameters(
  draft: Draft,
  node: PlanNode,
  enter: (parameters: JsonObject) => Steps,
): Steps {
  const input = renderWith(draft, node.inputParameters, node);
  if (!input.ok) return failSystemTask(draft, node, input.error.message);
  return enter(isJsonObject(input.value) ? input.value : {});
}

function endScript(
  draft: Draft,
  node: PlanNode,
  end: {
    readonly parameters: JsonObject;
    readonly result: EvaluationResult;
    readonly failedStatus: TaskStatus;
  },
): Steps {
  const { parameters: input, result, failedStatus } = end;
  if (!result.ok) {
    const { reason } = result;
    return runSystemTask(draft, node, {
      status: failedStatus,
      input,
      output: { error: reason },
      reason,
    });
  }
  const { value } = result;
  const isJq = node.type === 'JSON_JQ_TRANSFORM';
  const output = isJq ? { ...firstOf(value), resultList: value } : { result: value };
  return runSystemTask(draft, node, { status: 'COMPLETED', input, output });
}

function firstOf(list: Json): JsonObject {
  const first: Json | undefined = Array.isArray(list) ? list[0] : undefined;
  return { result: first ?? null };
}
