import { type Engine } from '@joinery/engine';
import { type HealthReport, type Logger, type Metrics } from '@joinery/kit';
import { type RedisClient } from '@joinery/queues';
import { type Fleet } from '@joinery/store';

/** What the routes stand on. */
export interface ServerParts {
  readonly engine: Engine;
  readonly fleet: Pick<Fleet, 'live'>;
  /** The engine's connection; asked for its health. */
  readonly redis: RedisClient;
  /** Opens a connection of its own; the server ends it. */
  readonly connect: () => RedisClient;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What the process says about itself at one moment. */
export interface ServerState {
  readonly isDraining: () => boolean;
  readonly check: () => Promise<HealthReport>;
}
