/**
 * What Joinery needs of a schema: version 1 of the Standard Schema convention, which zod, valibot, arktype and others
 * implement. Written out here so that a worker depends on none of them.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/** A valid value, possibly transformed, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Checks a value; without a schema everything passes. Throws only when the schema itself does. */
export async function checkAgainst(
  schema: StandardSchema<unknown> | undefined,
  value: unknown,
): Promise<SchemaResult<unknown>> {
  if (schema === undefined) return { value };
  return schema['~standard'].validate(value);
}

/** One line for all issues, each with its path: `at size.width: expected number; at name: required`. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return issues.map((issue) => `at ${pathText(issue)}: ${issue.message}`).join('; ');
}

function pathText({ path = [] }: SchemaIssue): string {
  const steps = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return steps.join('.') || 'the top';
}
