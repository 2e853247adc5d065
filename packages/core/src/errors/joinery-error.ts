import { errorCatalogue, type ErrorCategory, type ErrorCode } from './error-catalogue.ts';

/** What the message of a code is made of: one value per `{placeholder}` of its template, and any further fact. */
export type ErrorDetails<Code extends ErrorCode = ErrorCode> = Readonly<Record<string, unknown>> & {
  readonly [Name in Placeholders<(typeof errorCatalogue)[Code]['template']>]: string | number;
};

type Placeholders<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

/**
 * The one error class: `code` says what happened, `category` what the receiver does next,
 * `details` holds the facts. A task's failure is data and never one of these.
 */
export class JoineryError extends Error {
  override readonly name = 'JoineryError';
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly http: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    details: Readonly<Record<string, unknown>>,
    options?: { readonly cause?: unknown; readonly message?: string },
  ) {
    super(options?.message ?? errorMessage(code, details), causeOf(options));
    this.code = code;
    this.category = errorCatalogue[code].category;
    this.http = errorCatalogue[code].http;
    this.details = details;
  }
}

// An explicit `cause: undefined` would show as a cause.
function causeOf(options?: { readonly cause?: unknown }): ErrorOptions {
  return options?.cause === undefined ? {} : { cause: options.cause };
}

/** Builds the error of a code; the compiler asks for every placeholder of its template. */
export function joineryError<Code extends ErrorCode>(
  code: Code,
  details: ErrorDetails<Code>,
  options?: { readonly cause?: unknown },
): JoineryError {
  return new JoineryError(code, details, options);
}

/** True for an error of the catalogue, of the given code if one is named. */
export function isJoineryError(error: unknown, code?: ErrorCode): error is JoineryError {
  return error instanceof JoineryError && (code === undefined || error.code === code);
}

// Long enough for any name, short enough that a hostile value cannot fill a log line.
const VALUE_LIMIT = 300;

/** The message of a code with the details filled in. */
export function errorMessage(code: ErrorCode, details: Readonly<Record<string, unknown>>): string {
  return errorCatalogue[code].template.replace(/\{(\w+)\}/g, (hole: string, name: string) => {
    const value = Object.hasOwn(details, name) ? details[name] : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') return hole;
    const text = String(value);
    return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text;
  });
}
