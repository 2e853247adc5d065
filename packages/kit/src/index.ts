export { type Backoff, backoffDelayMs } from './backoff.ts';
export { type Clock, systemClock } from './clock.ts';
export { DeadlineError, type DeadlineOptions, settlesWithin, withDeadline } from './deadline.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { editDistance, nearestWord } from './edit-distance.ts';
export { createSeededEntropy, type Entropy, systemEntropy } from './entropy.ts';
export { createManualTime, type ManualTime } from './manual-time.ts';
export { formatSize, parseSize } from './size.ts';
export { type CancelTimer, systemTimers, type Timers } from './timers.ts';
