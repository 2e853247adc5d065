import { type LogFields, type Logger, type LogLevel } from './logger.ts';

/** A line as it was logged. */
export type LogLine = LogFields & { readonly level: LogLevel; readonly message: string };

/** A logger that keeps its lines, so that tests ask which events there were. */
export interface RecordingLogger extends Logger {
  /** All lines so far, children's included, oldest first. */
  readonly lines: readonly LogLine[];
  /** The names of the events so far, oldest first. */
  events(): readonly string[];
}

/** Creates a logger that keeps its lines in memory. For tests. */
export function createRecordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  return { ...recorder(lines, {}), lines, events: () => lines.map((line) => line.event) };
}

function recorder(lines: LogLine[], fixed: Readonly<Record<string, unknown>>): Logger {
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      lines.push({ ...fixed, ...fields, level, message });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recorder(lines, { ...fixed, ...fields }),
  };
}
