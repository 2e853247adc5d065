export { type Backoff, backoffDelayMs } from './backoff.ts';
export { type Clock, systemClock } from './clock.ts';
export { renderConfigPage } from './config-page.ts';
export { type Config, configSchema } from './config-schema.ts';
export {
  type Environment,
  parseConfig,
  readConfig,
  readVariables,
  type SettingEntry,
  settings,
} from './config.ts';
export {
  DeadlineError,
  type DeadlineOptions,
  inTime,
  settlesWithin,
  withDeadline,
} from './deadline.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { editDistance, nearestWord } from './edit-distance.ts';
export { createSeededEntropy, type Entropy, systemEntropy } from './entropy.ts';
export {
  createHealthServer,
  type HealthReport,
  type HealthServer,
  type HealthServerOptions,
} from './health-server.ts';
export { createManualTime, type ManualTime } from './manual-time.ts';
export { formatSize, parseSize } from './size.ts';
export { type CancelTimer, systemTimers, type Timers } from './timers.ts';
export {
  createServiceGroup,
  type Service,
  type ServiceGroup,
  type ServiceGroupOptions,
  type StopReport,
} from './lifecycle.ts';
export {
  createLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  redactUrls,
  withFields,
} from './logger.ts';
export { createLoop, type Loop, type LoopOptions } from './loop.ts';
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type LabelValues,
  type Metrics,
  type MetricSpec,
  type MetricsOptions,
} from './metrics.ts';
export { createRecordingLogger, type LogLine, type RecordingLogger } from './recording-logger.ts';
export {
  exitCodes,
  type ProcessEvent,
  type ProcessHost,
  runProcess,
  type RunProcessOptions,
} from './run-process.ts';
export { type SettingDoc } from './setting.ts';
