import { pino } from 'pino';

/** What a log line may carry: the event's name, fixed field names, and whatever numbers the event is about. */
export interface LogFields {
  /** `noun.past-tense`; what tests and alerts look for. */
  readonly event: string;
  readonly runId?: string;
  readonly definition?: string;
  readonly version?: number;
  readonly taskRef?: string;
  readonly taskId?: string;
  readonly attempt?: number;
  readonly workerId?: string;
  readonly fence?: string | number;
  readonly traceId?: string;
  readonly durationMs?: number;
  readonly count?: number;
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

/** The levels that are used. error: a human must look; warn: healed itself, or near a limit; info: state changes. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A structured log. The message is constant; what varies is a field. Payloads and secrets are never fields. */
export type Logger = Readonly<Record<LogLevel, (fields: LogFields, message: string) => void>> & {
  /** A logger that adds these fields to every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
};

/** Where the lines go and which of them. */
export interface LoggerOptions {
  readonly level: LogLevel | 'silent';
  /** Which process speaks, on every line as `name`. */
  readonly name: string;
  /** Takes a line of JSON with its newline. Default: standard output. */
  readonly write?: (line: string) => void;
}

/** Names of fields that hold secrets, at the top and one level down. */
const secretFields = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'apiKey',
  'redisUrl',
];
const redactPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
/** The credentials of a URL, wherever it stands in a text: errors of Redis clients quote their URL. */
const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi;

/** Hides user and password of every URL in the text. */
export function redactUrls(text: string): string {
  return text.replace(urlCredentials, '$1***@');
}

/** Creates the logger of a process: JSON lines, one per event, secrets replaced. */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? writeToStdout;
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: redactPaths, censor: '[secret]' },
    serializers: { err: pino.stdSerializers.errWithCause },
  };
  return pino(settings, {
    write: (line: string) => {
      write(redactUrls(line));
    },
  });
}

/** The same lines as a child's, for one that hardly ever speaks: nothing is prepared before a line is written. */
export function withFields(logger: Logger, fields: Readonly<Record<string, unknown>>): Logger {
  const at =
    (level: LogLevel): Logger[LogLevel] =>
    (given, message) =>
      logger[level]({ ...fields, ...given }, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => withFields(logger, { ...fields, ...more }),
  };
}

function writeToStdout(line: string): void {
  process.stdout.write(line);
}
