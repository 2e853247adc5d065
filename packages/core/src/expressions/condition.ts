import type { Json } from '../run/json.ts';
import type { Read } from './text-expression.ts';
import { templateReads } from './template.ts';

/*
 * Conditions as Conductor's users write them in JavaScript, as far as they compare values: `$` and its members,
 * literals, `${…}`, arithmetic, comparisons, `&&`, `||`, `!`, `? :` and `if … else …`. No names, calls, assignments or
 * loops: what is not understood is refused when a definition is registered.
 */

/** A condition that was read. */
export type Condition =
  | { readonly kind: 'literal'; readonly value: Json | undefined }
  /** `$.root.a[0]` */
  | { readonly kind: 'path'; readonly root: string; readonly steps: readonly (string | number)[] }
  | { readonly kind: 'template'; readonly source: string }
  | { readonly kind: 'unary'; readonly sign: string; readonly of: Condition }
  | {
      readonly kind: 'binary';
      readonly sign: string;
      readonly left: Condition;
      readonly right: Condition;
    }
  | {
      readonly kind: 'choice';
      readonly test: Condition;
      readonly yes: Condition;
      readonly no: Condition;
    };

/** Every operand of a condition. */
export function operandsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'unary':
      return operandsOf(condition.of);
    case 'binary':
      return [condition.left, condition.right].flatMap(operandsOf);
    case 'choice':
      return [condition.test, condition.yes, condition.no].flatMap(operandsOf);
    case 'literal':
    case 'path':
    case 'template':
      return [condition];
  }
}

/** What the `${…}` of a condition read. */
export function templateReadsOf(condition: Condition): readonly Read[] {
  return operandsOf(condition).flatMap((each) =>
    each.kind === 'template' ? templateReads(each.source) : [],
  );
}
