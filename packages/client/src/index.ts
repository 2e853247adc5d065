export { type ClientOptions } from './ask-server.ts';
export { createClient, type Client, type RerunWish, type ResultOptions } from './create-client.ts';
export {
  type DeadLetterReport,
  type DeadLettersClient,
  type DeadLetterWish,
} from './dead-letters-client.ts';
export { type EventHandlersClient } from './event-handlers-client.ts';
export { type FleetReport } from './fleet-report.ts';
export { type EventsOptions, type RunEvent } from './run-events.ts';
export { RequestRefusedError } from './request-refused-error.ts';
export { type RunReport } from './run-report.ts';
export { type ScheduleReport, type SchedulesClient } from './schedules-client.ts';
