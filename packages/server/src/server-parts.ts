import { type Engine, type SecretVault } from '@joinery/engine';
import { type HealthReport, type Logger, type Metrics } from '@joinery/kit';
import { type RedisClient } from '@joinery/queues';
import {
  type Agenda,
  type Fleet,
  type PollBook,
  type RunIndex,
  type TaskLogs,
} from '@joinery/store';
import { type RemoteDesk } from './remote/remote-desk.ts';

/** What the routes stand on. */
export interface ServerParts {
  readonly engine: Engine;
  readonly fleet: Pick<Fleet, 'live' | 'state'>;
  /** Schedules and backfills. */
  readonly agenda: Agenda;
  readonly deadLetters: Agenda;
  /** Tags and schemas. */
  readonly documents: Agenda;
  readonly secrets: SecretVault;
  /** Circuit breakers. */
  readonly circuits: Agenda;
  readonly taskLogs: TaskLogs;
  readonly polls: PollBook;
  /** What searches read. */
  readonly index: RunIndex;
  /** The engine's connection; asked for its health. */
  readonly redis: RedisClient;
  /** Opens a connection of its own; the server ends it. */
  readonly connect: () => RedisClient;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The same with what the server has made for itself. */
export interface RouteParts extends ServerParts {
  readonly desk: RemoteDesk;
}

/** What the process says about itself at one moment. */
export interface ServerState {
  readonly isDraining: () => boolean;
  /** Begins to drain the process; absent where nobody has said how. */
  readonly drain?: () => void;
  readonly check: () => Promise<HealthReport>;
}
